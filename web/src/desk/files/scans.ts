// Scans and photos on their way into a case: chosen or dropped while the form is filled in, sent as soon as the case
// is registered, each with its progress; what failed stays with its reason until it is sent again or taken away.
import { computed, reactive } from 'vue';
import { freshKey } from '../../shared/client';
import type { Attachment } from '../../shared/contract';
import { asProblem, problemOf, type Problem } from '../../shared/problem';
import { probeSession } from '../session';

export interface Scan {
  /** The same key for every try, so that one scan is added once. */
  key: string;
  materialId: string | undefined;
  file: File;
  /** An address of the picture in this browser; none for a PDF. */
  preview: string | undefined;
  state: 'waiting' | 'sending' | 'done' | 'failed';
  /** 0 to 1. */
  progress: number;
  problem: string;
}

/** A case that a file goes to, and what the case calls the material. */
export interface Place {
  caseId: string;
  materialId: string | undefined;
}

/** What a file chooser offers; the server looks at the content itself. */
export const accepted = 'application/pdf,image/jpeg,image/png,image/webp';

/** Sends a form with its progress, which fetch does not tell. */
export function sendForm<T>(url: string, form: FormData, key: string, told: (share: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.setRequestHeader('Idempotency-Key', key);
    request.upload.onprogress = ({ loaded, total }) => told(total ? loaded / total : 0);
    const refuse = (status: number, body: unknown) => reject(problemOf(body, status));
    request.onerror = () => refuse(0, undefined);
    request.onload = () => {
      let body: unknown;
      try {
        body = JSON.parse(request.responseText);
      } catch {
        body = undefined;
      }
      if (request.status === 201) resolve(body as T);
      else refuse(request.status, body);
    };
    request.send(form);
  });
}

/** What is wrong with the file itself says more than how many things are wrong. */
export const wordsOf = (problem: Problem) => problem.fields.map(({ message }) => message).join('；') || problem.message;

export function createScans(told: (attachment: Attachment) => void) {
  const all = reactive<Scan[]>([]);
  let places: ((materialId: string | undefined) => Place[]) | undefined;
  let running: Promise<void> = Promise.resolve();

  async function send(scan: Scan, { caseId, materialId }: Place, key: string): Promise<void> {
    const form = new FormData();
    if (materialId) form.append('material_id', materialId);
    form.append('file', scan.file, scan.file.name);
    const once = () => sendForm<Attachment>(`/api/v1/cases/${caseId}/attachments`, form, key, (share) => (scan.progress = share));
    try {
      told(await once());
    } catch (error) {
      if (asProblem(error).status !== 401) throw error;
      await probeSession();
      told(await once());
    }
  }

  async function sendAll(scan: Scan, to: Place[]): Promise<void> {
    if (scan.state === 'done' || scan.state === 'sending' || !all.includes(scan)) return;
    Object.assign(scan, { state: 'sending', progress: 0, problem: '' });
    try {
      // What was sent to one of them is sent again under its key, and there once.
      for (const [index, place] of to.entries()) await send(scan, place, `${scan.key}${index || ''}`);
      scan.state = 'done';
      drop(scan);
    } catch (error) {
      const problem = asProblem(error);
      Object.assign(scan, { state: 'failed', problem: wordsOf(problem) });
      // Another key when the answer is known: the same one would only give it again.
      if (problem.status > 0 && problem.status < 500) scan.key = freshKey();
    }
  }

  /** One after the other: a village's line is slow, and the first shall be there soon. */
  function run(): void {
    const find = places;
    if (!find) return;
    running = running.then(async () => {
      for (const scan of [...all].filter(({ state }) => state === 'waiting')) await sendAll(scan, find(scan.materialId));
    });
  }

  function add(files: Iterable<File>, materialId?: string): void {
    for (const file of files) {
      const preview = file.type.startsWith('image/') ? URL.createObjectURL(file) : undefined;
      all.push({ key: freshKey(), materialId, file, preview, state: 'waiting', progress: 0, problem: '' });
    }
    run();
  }

  function drop(scan: Scan): void {
    const at = all.indexOf(scan);
    if (at < 0) return;
    all.splice(at, 1);
    if (scan.preview) URL.revokeObjectURL(scan.preview);
  }

  function again(scan: Scan): void {
    scan.state = 'waiting';
    run();
  }

  return reactive({
    all,
    /** Those that are not in the case yet. */
    open: computed(() => all.length),
    failed: computed(() => all.filter(({ state }) => state === 'failed').length),
    of: (materialId: string | undefined) => all.filter((scan) => scan.materialId === materialId),
    add,
    drop,
    again,
    /** The case is registered: everything goes out. */
    begin: (find: (materialId: string | undefined) => Place[]) => {
      places = find;
      run();
    },
  });
}

export type Scans = ReturnType<typeof createScans>;

/** The files of a paste or a drop. */
export function filesOf(data: DataTransfer | null): File[] {
  return data ? [...data.files] : [];
}

/** `1.4 MB` */
export function sizeText(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
