// The camera of a desk, a document camera or a webcam: which there are, the one chosen and remembered in this browser,
// and what stands in the way, as something a clerk can act on.
import { onScopeDispose, ref, shallowRef } from 'vue';

/** `insecure`: the browser gives no camera to pages that are not https or localhost. */
export type CameraTrouble = 'insecure' | 'refused' | 'missing' | 'busy' | 'failed';

const remembered = 'yichuang.camera';
/** As sharp as the camera can, up to what a page of A4 needs. */
const wished = { width: { ideal: 2592 }, height: { ideal: 1944 } };
const troubles: Record<string, CameraTrouble> = {
  NotAllowedError: 'refused',
  SecurityError: 'refused',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
  AbortError: 'busy',
};
const troubleOf = (error: unknown): CameraTrouble => (error instanceof DOMException && troubles[error.name]) || 'failed';

export function useCamera() {
  const stream = shallowRef<MediaStream>();
  const cameras = shallowRef<MediaDeviceInfo[]>([]);
  const chosen = ref(localStorage.getItem(remembered) ?? '');
  const trouble = ref<CameraTrouble>();
  let asked = 0;

  function stop(): void {
    stream.value?.getTracks().forEach((track) => track.stop());
    stream.value = undefined;
  }

  /** The wanted camera; another one where it is not plugged in today. */
  async function opened(): Promise<MediaStream> {
    const by = (deviceId?: string) =>
      navigator.mediaDevices.getUserMedia({ video: { ...wished, ...(deviceId && { deviceId: { exact: deviceId } }) } });
    if (!chosen.value) return by();
    return by(chosen.value).catch((error: unknown) => {
      if (troubleOf(error) !== 'missing') throw error;
      return by();
    });
  }

  async function start(): Promise<void> {
    const mine = ++asked;
    stop();
    trouble.value = undefined;
    // The types do not know that a page without https has none.
    if (!(navigator.mediaDevices as MediaDevices | undefined)) {
      trouble.value = 'insecure';
      return;
    }
    try {
      const found = await opened();
      if (mine !== asked) return found.getTracks().forEach((track) => track.stop());
      stream.value = found;
      const [track] = found.getVideoTracks();
      track?.addEventListener('ended', () => {
        if (stream.value !== found) return;
        stop();
        trouble.value = 'missing';
      });
      // Names are told only to a page that was given a camera.
      cameras.value = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === 'videoinput');
      chosen.value = track?.getSettings().deviceId ?? chosen.value;
    } catch (error) {
      if (mine === asked) trouble.value = troubleOf(error);
    }
  }

  function choose(id: string): void {
    chosen.value = id;
    localStorage.setItem(remembered, id);
    void start();
  }

  onScopeDispose(() => {
    asked += 1;
    stop();
  });
  return { stream, cameras, chosen, trouble, start, choose };
}
