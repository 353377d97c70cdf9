// Photos on their way into an application: the size that is sent, and what is said when one does not arrive.
import { expect, test } from 'vitest';
import { fileWords, sentSize } from '../src/portal/apply/files';
import { ProblemError } from '../src/shared/public-http';

test('a photo of a telephone is made smaller and keeps its shape; a small one stays', () => {
  expect(sentSize(4000, 3000)).toEqual({ width: 2600, height: 1950 });
  expect(sentSize(3000, 8000)).toEqual({ width: 975, height: 2600 });
  expect(sentSize(800, 600)).toEqual({ width: 800, height: 600 });
  expect(sentSize(0, 0)).toEqual({ width: 0, height: 0 });
});

test('what went wrong says what to do', () => {
  const words = (status: number, more: object = {}) => fileWords(new ProblemError({ status, code: 'x', ...more }));
  expect(words(0)).toContain('再传');
  expect(words(401)).toContain('登录');
  const errors = [{ field: 'file', code: 'unsupported_type', message: '只收 PDF 和图片' }];
  expect(words(422, { errors })).toBe('只收 PDF 和图片');
  expect(words(409, { detail: '已经交上去了' })).toBe('已经交上去了');
  expect(fileWords(new Error('?'))).toContain('再传');
});
