// A picture or film on its way into a matter's draft: sent at once, named by the draft, kept once the draft is saved.
import { reactive, toRaw } from 'vue';
import { freshKey } from '../../../shared/client';
import { asProblem } from '../../../shared/problem';
import { sendForm, wordsOf } from '../../files/scans';
import { probeSession } from '../../session';

export interface Sending {
  /** 0 to 1; null when it is over. */
  share: number | null;
  problem: string;
}

/** Where those who write the draft see a file. */
export const draftUrl = (matterId: string, file: string) => `/api/v1/matters/${matterId}/draft/guide-files/${file}`;

/** What is sent for each step or film, by the object that will hold it. */
export function useGuideFiles(matterId: () => string) {
  const under = reactive(new Map<object, Sending>());

  async function send(what: 'guide-pictures' | 'guide-films', of: { file: string | null }, file: File): Promise<boolean> {
    const key = toRaw(of);
    under.set(key, { share: 0, problem: '' });
    const form = new FormData();
    form.append('file', file, file.name);
    const id = freshKey();
    const told = (share: number) => under.set(key, { share, problem: '' });
    const once = () => sendForm<{ file: string }>(`/api/v1/matters/${matterId()}/${what}`, form, id, told);
    try {
      const made = await once().catch(async (error: unknown) => {
        if (asProblem(error).status !== 401) throw error;
        await probeSession();
        return once();
      });
      of.file = made.file;
      under.delete(key);
      return true;
    } catch (error) {
      under.set(key, { share: null, problem: `${file.name}：${wordsOf(asProblem(error))}` });
      return false;
    }
  }

  return { send, of: (one: object): Sending | undefined => under.get(toRaw(one)), forget: (one: object) => under.delete(toRaw(one)) };
}
