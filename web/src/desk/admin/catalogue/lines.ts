// Where a matter queues that nobody has placed yet: where most matters of the hall queue, as an imported one does.
import { take } from '../../../shared/client';
import { api } from '../../session';

/** The line of most matters of a site; nothing where none has one. */
export async function usualLine(site: string): Promise<string | undefined> {
  const page = await take(api.GET('/api/v1/sites/{site}/matters', { params: { path: { site }, query: { limit: 200 } } }));
  const counts = new Map<string, number>();
  for (const { line_id: id } of page.items) if (id) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one)[0]?.[0];
}
