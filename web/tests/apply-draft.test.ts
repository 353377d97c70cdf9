// What is typed into an application: kept on the phone, told to the server, taken back, and what is wrong with it.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { clearForm, contentOf, createForm, fill, forgetAll, isBegun, keep, kept, wrongOf, type Content } from '../src/portal/apply/draft';

const store = new Map<string, string>();
vi.stubGlobal(
  'localStorage',
  new Proxy(
    {
      getItem: (key: string) => store.get(key) ?? null,
      setItem: (key: string, text: string) => void store.set(key, text),
      removeItem: (key: string) => void store.delete(key),
    },
    { ownKeys: () => [...store.keys()], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }) },
  ),
);
beforeEach(() => store.clear());

function typed() {
  const form = createForm();
  form.situationIds = ['si_dc_1'];
  Object.assign(form.applicant, { name: ' 王小明 ', id_number: '15230119900307003x', phone: '139 1234 5520' });
  form.have = ['mt_dc_1'];
  return form;
}

describe('a draft on the phone', () => {
  it('survives a reload for a week and not longer', () => {
    keep('m', typed(), 'c_dc_1', true);
    expect(kept('m')).toMatchObject({ applicationId: 'c_dc_1', isNewer: true, form: { have: ['mt_dc_1'] } });
    vi.useFakeTimers({ now: Date.now() + 8 * 24 * 3600 * 1000 });
    expect(kept('m')).toBeNull();
    expect(store.size).toBe(0);
    vi.useRealTimers();
  });

  it('is forgotten with all others when somebody signs out', () => {
    keep('m', typed(), null, true);
    keep('n', typed(), null, true);
    store.set('yichuang_elder', 'yes');
    forgetAll();
    expect([...store.keys()]).toEqual(['yichuang_elder']);
  });

  it('does not break on what an older page left', () => {
    store.set('yichuang_apply_m', '{');
    expect(kept('m')).toBeNull();
    store.set('yichuang_apply_m', JSON.stringify({ form: { situationIds: ['a'] }, at: Date.now() }));
    expect(kept('m')?.form.applicant.name).toBe('');
  });
});

describe('a draft on the server', () => {
  it('is told clean and comes back as it was', () => {
    const content = contentOf(typed(), ['mt_dc_1', 'mt_dc_2']);
    expect(content).toEqual({
      situation_ids: ['si_dc_1'],
      applicant: { kind: 'person', id_type: 'resident_id', name: '王小明', id_number: '15230119900307003X', phone: '13912345520' },
      agent: {},
      materials: [
        { material_id: 'mt_dc_1', status: 'promised' },
        { material_id: 'mt_dc_2', status: 'missing' },
      ],
    });
    const form = createForm();
    fill(form, { ...content, agent: null } as Content);
    expect(form.applicant.name).toBe('王小明');
    expect(form.have).toEqual(['mt_dc_1']);
    expect(form.hasAgent).toBe(false);
  });
});

describe('what is wrong', () => {
  it('is named for every field of the page, and for the agent only when there is one', () => {
    const form = createForm();
    expect(isBegun(form)).toBe(false);
    expect(wrongOf(form).map(({ field }) => field)).toEqual(['applicant.name', 'applicant.id_number', 'applicant.phone']);
    form.hasAgent = true;
    expect(wrongOf(form)).toHaveLength(6);
    clearForm(form);
    expect(form.hasAgent).toBe(false);
    Object.assign(form.applicant, { name: '王小明', id_number: '152301199003070038', phone: '13912345520' });
    expect(wrongOf(form)).toEqual([]);
    expect(isBegun(form)).toBe(true);
  });
});
