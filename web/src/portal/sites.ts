// The halls a person can choose from, and the one chosen last on this phone.
import { computed, ref, shallowRef, watch } from 'vue';
import { showAccent } from '../shared/public-accent';
import { call } from '../shared/public-http';
import type { Site } from '../shared/public-types';
import { elder } from './modes';

const SITE_KEY = 'yichuang_site';

export const sites = shallowRef<readonly (Site & { readonly kind?: string })[]>([]);
export const chosenSite = ref(localStorage.getItem(SITE_KEY) ?? '');
watch(chosenSite, (id) => localStorage.setItem(SITE_KEY, id));
/** The hall that was chosen last, with its face. */
export const chosen = computed(() => sites.value.find((site) => site.id === chosenSite.value));
watch([chosen, elder], () => showAccent(chosen.value?.accent), { flush: 'post' });

/** Reads the halls; the address may name one, else the last chosen, else the first centre. */
export async function loadSites(): Promise<void> {
  sites.value = (await call<{ items: readonly (Site & { kind?: string })[] }>('/api/v1/sites?limit=200')).items;
  const named = new URLSearchParams(location.search).get('site');
  const known = (id: string | null): boolean => sites.value.some((site) => site.id === id);
  if (named !== null && known(named)) chosenSite.value = named;
  else if (!known(chosenSite.value)) chosenSite.value = (sites.value.find((site) => site.kind === 'center') ?? sites.value[0])?.id ?? '';
}

/** Reads the halls for a page that asks which; whether that failed, and to try again. */
export function useSites() {
  const sitesFailed = ref(false);
  async function readSites(): Promise<void> {
    try {
      await loadSites();
      sitesFailed.value = false;
    } catch {
      sitesFailed.value = true;
    }
  }
  void readSites();
  return { sitesFailed, readSites };
}
