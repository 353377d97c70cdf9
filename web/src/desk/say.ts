// Short words after an action: done, or what went wrong and what still stands.
import { ElMessage } from 'element-plus';
import { asProblem } from '../shared/problem';

export function sayDone(text: string): void {
  ElMessage({ message: text, type: 'success', duration: 3500, grouping: true });
}

export function sayProblem(error: unknown): void {
  const problem = asProblem(error);
  const report = problem.status >= 500 && problem.traceId ? `（报编号 ${problem.traceId.slice(0, 8)}）` : '';
  ElMessage({ message: `${problem.message}${report}`, type: 'error', duration: 6000, grouping: true });
}
