// The house as those who run it watch it: devices, the system, and what was not carried out; read again and again
// while the page is open. What could not be read keeps its old values and says since when.
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue';
import { take } from '../../shared/client';
import type { DeadLetter, Device, DeskWindow, Site, System } from '../../shared/contract';
import { asProblem, type Problem } from '../../shared/problem';
import { everyPage, PAGE_ROWS } from '../every-page';
import { api, session } from '../session';

/** Devices come and go while somebody stands beside them. */
const devicesMs = 4_000;
/** Disk, backups and what is owed move slowly. */
const systemMs = 20_000;

export type WindowOf = Pick<DeskWindow, 'id' | 'number'>;

export function useHouse(siteId: Ref<string>) {
  const devices = shallowRef<Device[]>();
  const system = shallowRef<System>();
  const letters = shallowRef<DeadLetter[]>([]);
  const windows = shallowRef<WindowOf[]>([]);
  const problem = shallowRef<Problem>();
  const readAt = ref(0);
  // An administrator watches the house; what becomes of a message is for those of its hall.
  const judges = ['it', 'issuer', 'supervisor'];
  const mayJudge = computed(() => siteId.value === session.staff?.site_id && judges.some((role) => session.staff?.roles.includes(role)));

  async function readDevices(): Promise<void> {
    try {
      devices.value = await everyPage((cursor) => take(api.GET('/api/v1/devices', { params: { query: { limit: PAGE_ROWS, cursor } } })));
      readAt.value = Date.now();
      problem.value = undefined;
    } catch (error) {
      problem.value = asProblem(error);
    }
  }

  async function readSystem(): Promise<void> {
    try {
      system.value = await take(api.GET('/api/v1/system'));
    } catch (error) {
      problem.value = asProblem(error);
    }
    const site = siteId.value;
    if (!mayJudge.value) {
      letters.value = [];
      return;
    }
    try {
      const page = await take(api.GET('/api/v1/sites/{site}/dead-letters', { params: { path: { site } } }));
      if (site === siteId.value) letters.value = page.items;
    } catch (error) {
      problem.value = asProblem(error);
    }
  }

  async function readWindows(): Promise<void> {
    const site = siteId.value;
    windows.value = [];
    try {
      const page = await take(api.GET('/api/v1/sites/{site}/windows', { params: { path: { site } } }));
      if (site === siteId.value) windows.value = page.items.map(({ id, number }) => ({ id, number }));
    } catch (error) {
      problem.value = asProblem(error);
    }
  }

  const read = () => Promise.all([readDevices(), readSystem()]);
  watch(
    siteId,
    () => {
      void readWindows();
      void readSystem();
    },
    { immediate: true },
  );
  void readDevices();
  const timers = [setInterval(() => void readDevices(), devicesMs), setInterval(() => void readSystem(), systemMs)];
  onScopeDispose(() => timers.forEach((timer) => clearInterval(timer)));
  const ofSite = computed(() => devices.value?.filter((device) => device.site_id === siteId.value));
  return { devices, ofSite, system, letters, windows, problem, readAt, mayJudge, read, readDevices, readSystem };
}

/** The sites below somebody's own, by name. */
export function useSites(home: string) {
  const all = shallowRef<Site[]>([]);
  async function read(): Promise<void> {
    const rows = await everyPage((cursor) => take(api.GET('/api/v1/sites', { params: { query: { limit: PAGE_ROWS, cursor } } }))).catch(
      () => undefined,
    );
    if (rows) all.value = rows;
  }
  void read();
  const isBelow = (site: Site) => {
    for (let at: Site | undefined = site; at; at = all.value.find((one) => one.id === at?.parent_id)) if (at.id === home) return true;
    return false;
  };
  const below = computed(() => all.value.filter(isBelow));
  const nameOf = (id: string) => all.value.find((site) => site.id === id)?.name ?? '';
  return { all, below, nameOf, read };
}
