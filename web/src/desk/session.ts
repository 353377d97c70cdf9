// Who is signed in, and the client that asks for a new sign-in without losing the page.
import { reactive } from 'vue';
import { createApi, take } from '../shared/client';
import type { Staff } from '../shared/contract';
import { Problem } from '../shared/problem';

export const session = reactive<{ staff: Staff | undefined; expired: boolean }>({ staff: undefined, expired: false });

const waiting: ((worked: boolean) => void)[] = [];

/** Opens the sign-in dialog over the page; the form below stays as it is. */
function signInAgain(): Promise<boolean> {
  if (!session.staff) return Promise.resolve(false);
  session.expired = true;
  return new Promise((resolve) => waiting.push(resolve));
}

export const api = createApi({ signInAgain });

/** Signs in; throws a `Problem` when the server refuses. */
export async function signIn(username: string, password: string): Promise<Staff> {
  const { staff } = await take(api.POST('/api/v1/sessions', { body: { username, password } }));
  const before = session.staff;
  session.staff = staff;
  if (session.expired && before && before.id !== staff.id) {
    // Somebody else took the chair: what was typed belongs to the person before.
    window.location.reload();
  }
  session.expired = false;
  for (const resolve of waiting.splice(0)) resolve(true);
  return staff;
}

/** Finds the session of the cookie; leaves `staff` empty when there is none. */
export async function loadSession(): Promise<void> {
  try {
    session.staff = (await take(api.GET('/api/v1/sessions/current'))).staff;
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) throw error;
  }
}

export async function signOut(): Promise<void> {
  try {
    await take(api.DELETE('/api/v1/sessions/current'));
  } finally {
    session.staff = undefined;
    window.location.assign('/sign-in');
  }
}

/** Whether the server still knows us; asks to sign in again when it does not. */
export async function probeSession(): Promise<void> {
  await api.GET('/api/v1/sessions/current').catch(() => undefined);
}

interface Place {
  path: string;
  name: string;
  roles: string[];
}

export const places: Place[] = [
  { path: '/guide-desk', name: '导办台', roles: ['guide', 'helper'] },
  { path: '/desk', name: '窗口', roles: ['clerk', 'helper', 'guide'] },
  { path: '/approve', name: '审批', roles: ['approver', 'leader'] },
  { path: '/pickup', name: '出证', roles: ['issuer'] },
  { path: '/district', name: '全区', roles: ['district'] },
  { path: '/hall', name: '大厅实况', roles: ['supervisor', 'district', 'leader'] },
  { path: '/evaluations', name: '差评与投诉', roles: ['supervisor', 'district', 'auditor'] },
  { path: '/figures', name: '统计', roles: ['supervisor', 'district', 'leader', 'auditor'] },
  { path: '/guide-desk', name: '导办台', roles: ['supervisor'] },
  { path: '/my-evaluations', name: '我的评价', roles: ['clerk', 'issuer', 'helper', 'guide'] },
  { path: '/district', name: '全区', roles: ['auditor', 'admin'] },
  { path: '/district', name: '台账', roles: ['supervisor', 'leader'] },
  { path: '/helper', name: '帮办', roles: ['helper'] },
  { path: '/people', name: '人员', roles: ['supervisor', 'district', 'admin', 'auditor'] },
  { path: '/people', name: '我的班', roles: ['guide', 'clerk', 'approver', 'issuer', 'helper'] },
  { path: '/admin', name: '管理', roles: ['admin', 'district', 'auditor'] },
  { path: '/it', name: '运维', roles: ['it', 'admin'] },
];

/** Whether a page is for somebody of these roles; pages that are nobody's own are for everybody. */
export function mayOpen(path: string, staff: Staff | undefined): boolean {
  const own = places.filter((place) => place.path === path);
  return !own.length || own.some((place) => place.roles.some((role) => staff?.roles.includes(role)));
}

/** Pages this person works on, most used first. */
export function placesOf(staff: Staff | undefined): Place[] {
  const mine = places.filter((place) => place.roles.some((role) => staff?.roles.includes(role)));
  return mine.filter((place, at) => mine.findIndex((one) => one.path === place.path) === at);
}
