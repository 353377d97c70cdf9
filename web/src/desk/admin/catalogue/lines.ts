// Where a matter queues that nobody has placed yet: where most matters of the hall queue, as an imported one does.
import { take } from '../../../shared/client';
import { everyPage, PAGE_ROWS } from '../../every-page';
import { api } from '../../session';

/** The line of most matters of a site; nothing where none has one. */
export async function usualLine(site: string): Promise<string | undefined> {
  const matters = await everyPage((cursor) =>
    take(api.GET('/api/v1/sites/{site}/matters', { params: { path: { site }, query: { limit: PAGE_ROWS, cursor } } })),
  );
  const counts = new Map<string, number>();
  for (const { line_id: id } of matters) if (id) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one)[0]?.[0];
}
