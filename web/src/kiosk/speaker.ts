// What the kiosk says aloud: the voice of its own program where that has one, which speaks Chinese, else the browser's
// voice for the language of the page. Whatever is said is also written; silence is no fault. Knows no screen.
import { computed, ref, type ComputedRef } from 'vue';
import { language } from '../shared/words';
import { hush, play, speak, voice } from '../shared/public-voice';

/** A sentence of the program's table, or a number with how many are before. */
export type Sound = { readonly say: string; readonly number?: string; readonly ahead?: number };

export interface Speaker {
  /** Whether anything can be said in the language of the page. */
  readonly canSpeak: ComputedRef<boolean>;
  /** Says it, instead of what is being said. `text` is the same in the language of the page. */
  say(sound: Sound, text: string): Promise<void>;
  stop(): void;
}

/** `sound` asks the kiosk's own program; `null` where there is none, or it has no voice. */
export function useSpeaker(sound: ((asked: Sound) => Promise<ArrayBuffer | null>) | undefined): Speaker {
  const own = ref(false);
  let turn = 0;
  void sound?.({ say: 'home' }).then((wav) => {
    own.value = wav !== null;
  });
  const speaksChinese = computed(() => own.value && language.value === 'zh');
  return {
    canSpeak: computed(() => speaksChinese.value || voice.value !== null),
    async say(asked, text) {
      const mine = (turn += 1);
      hush();
      if (speaksChinese.value && sound !== undefined) {
        const wav = await sound(asked);
        if (mine !== turn || (wav !== null && (await play(wav)))) return;
      }
      if (mine === turn) await speak(text);
    },
    stop() {
      turn += 1;
      hush();
    },
  };
}
