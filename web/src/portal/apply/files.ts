// Photos and scans on their way into an online application. A photo of a telephone is made smaller here: a village's
// line takes minutes for what nobody can see.
import type { components } from '../../shared/api';
import { problemOf, ProblemError, type Problem } from '../../shared/public-http';
import { told } from '../../shared/words';
import { t } from '../../shared/words/apply';

export type OwnFile = Readonly<components['schemas']['AttachmentView']>;

/** What a file chooser offers; the server looks at the content itself. */
export const accepted = 'image/jpeg,image/png,image/webp,application/pdf';

/** Longest side that is sent, in pixels: every word of an A4 page can be read. */
const SIDE_MAX = 2600;
/** Pictures below this size are sent as they are, in bytes. */
const SMALL_BYTES = 1_200_000;
const QUALITY = 0.85;
const SEND_MS_MAX = 600_000;

/** The size that a picture is sent in. */
export function sentSize(width: number, height: number): { width: number; height: number } {
  const share = Math.min(1, SIDE_MAX / Math.max(width, height, 1));
  return { width: Math.round(width * share), height: Math.round(height * share) };
}

/** A photo in the size that is sent; what this browser cannot unpack goes as it is. */
export async function lighter(file: File): Promise<File> {
  if (!file.type.startsWith('image/') || file.size <= SMALL_BYTES) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
    const { width, height } = sentSize(picture.width, picture.height);
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width, height });
    const pen = canvas.getContext('2d');
    if (pen === null) return file;
    // What shows through is white like paper.
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, width, height);
    pen.drawImage(picture, 0, 0, width, height);
    picture.close();
    const made = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', QUALITY));
    if (made === null || made.size >= file.size) return file;
    return new File([made], `${file.name.replace(/\.[^.]*$/, '') || t('file.photo')}.jpg`, { type: 'image/jpeg' });
  } catch {
    return file;
  }
}

/** Sends one with its progress, which fetch does not tell. */
export function sendFile(
  applicationId: string,
  file: File,
  materialId: string | undefined,
  key: string,
  told: (share: number) => void,
): Promise<OwnFile> {
  const form = new FormData();
  if (materialId !== undefined) form.append('material_id', materialId);
  form.append('file', file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1/applications/${applicationId}/attachments`);
    request.timeout = SEND_MS_MAX;
    request.setRequestHeader('Idempotency-Key', key);
    request.upload.onprogress = ({ loaded, total }) => told(total > 0 ? loaded / total : 0);
    const refuse = (problem: Problem): void => reject(new ProblemError(problem));
    request.onerror = request.ontimeout = () => refuse({ status: 0, code: 'no_answer' });
    request.onload = () => {
      let body: unknown = null;
      try {
        body = JSON.parse(request.responseText);
      } catch {
        // No answer of ours.
      }
      if (request.status === 201) resolve(body as OwnFile);
      else refuse({ ...(body as Problem | null), code: (body as Problem | null)?.code ?? 'no_answer', status: request.status });
    };
    request.send(form);
  });
}

/** What went wrong with a file, in words that say what to do. */
export function fileWords(error: unknown): string {
  const problem = problemOf(error);
  if (problem.status === 0) return t('file.cut');
  if (problem.status === 401) return t('file.expired');
  return told(problem.errors?.map(({ message }) => message).join('；') || problem.detail, t('file.tryAgain'));
}
