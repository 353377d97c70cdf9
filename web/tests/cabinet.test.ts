// The cabinet of certificates as the slots in use show it.
import { expect, it, vi } from 'vitest';

// The page's client asks where it is when it is loaded.
vi.stubGlobal('window', { location: { origin: 'http://desk.test' } });
const { cabinetOf } = await import('../src/desk/certificates/cabinet');

it('is the usual one where nothing else is in use', () => {
  const { columns, rows, slots, others } = cabinetOf(['A01', 'H08']);
  expect([columns, rows, slots.length, slots[0], slots[8], slots.at(-1), others]).toEqual([8, 8, 64, 'A01', 'A02', 'H08', []]);
});

it('grows with its slots, and others stand beside it', () => {
  const { columns, rows, slots, others } = cabinetOf(['J03', 'B11', 'Z99', '窗台', 'a01', 'A1', 'A00', 'M01']);
  expect([columns, rows, slots.length]).toEqual([10, 11, 110]);
  expect(slots).toContain('J11');
  expect([...others].sort()).toEqual(['A00', 'A1', 'M01', 'Z99', 'a01', '窗台'].sort());
});
