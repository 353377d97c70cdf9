// Short words after an action: done, or what went wrong and what still stands.
import { ElMessage } from 'element-plus';
import { asProblem } from '../shared/problem';

/** What was done is said over the page: the dialog that asked for it is about to close. */
export function sayDone(text: string): void {
  ElMessage({ message: text, type: 'success', duration: 3500, grouping: true });
}

/** What went wrong is said over the dialog that stays; a modal dialog covers everything that stands outside it. */
export function sayProblem(error: unknown): void {
  const problem = asProblem(error);
  const report = problem.status >= 500 && problem.traceId ? `（报编号 ${problem.traceId.slice(0, 8)}）` : '';
  const open = [...document.querySelectorAll<HTMLElement>('dialog[open]')].at(-1);
  ElMessage({ message: `${problem.message}${report}`, type: 'error', duration: 6000, grouping: true, appendTo: open ?? document.body });
}
