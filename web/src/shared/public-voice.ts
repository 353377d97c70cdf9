// Sounds of the public screens: a chime, two short tones, a soft click, and speech where the
// machine has a voice for the language of the page. Everything spoken is also written; silence is no fault.
import { computed, shallowRef } from 'vue';
import { language, type Language } from './words';
import { t } from './words/common';

const SPEECH_MS_MAX = 15_000;
const CHIME_MS = 600;
const ALARM_MS = 1500;

let audio: AudioContext | null = null;

function context(): AudioContext | null {
  if (audio === null && 'AudioContext' in window) audio = new AudioContext();
  if (audio?.state === 'suspended') void audio.resume();
  return audio;
}

let volume = 1;

/** How loud everything is from now on, 0 to 1. */
export function setVolume(loud: number): void {
  volume = Math.min(1, Math.max(0, loud));
}

let playing: AudioBufferSourceNode | null = null;

/** Plays a WAV file and ends when it has been heard; `false` where it cannot be played. */
export async function play(wav: ArrayBuffer): Promise<boolean> {
  const sound = context();
  if (sound === null || sound.state !== 'running') return false;
  const decoded = await sound.decodeAudioData(wav).catch(() => null);
  if (decoded === null) return false;
  const source = sound.createBufferSource();
  const gain = sound.createGain();
  gain.gain.value = volume;
  source.buffer = decoded;
  source.connect(gain).connect(sound.destination);
  playing = source;
  const heard = new Promise<void>((resolve) => {
    source.onended = () => resolve();
  });
  source.start();
  // A device that swallows the end must not hold up the calls behind it.
  await Promise.race([heard, pause(decoded.duration * 1000 + 1000)]);
  return true;
}

function tone(frequency: number, startS: number, lengthS: number, loudness: number): void {
  const sound = context();
  if (sound === null || sound.state !== 'running') return;
  const oscillator = sound.createOscillator();
  const gain = sound.createGain();
  const start = sound.currentTime + startS;
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(Math.max(loudness * volume, 0.0001), start + 0.015);
  gain.gain.exponentialRampToValueAtTime(0.0001, start + lengthS);
  oscillator.connect(gain).connect(sound.destination);
  oscillator.start(start);
  oscillator.stop(start + lengthS);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Two falling notes, 0.6 s, before a new call. */
export async function chime(): Promise<void> {
  tone(880, 0, 0.45, 0.4);
  tone(659, 0.22, 0.38, 0.4);
  await pause(CHIME_MS);
}

/** Two short equal tones, before a recall. */
export async function recallTones(): Promise<void> {
  tone(784, 0, 0.14, 0.35);
  tone(784, 0.22, 0.14, 0.35);
  await pause(CHIME_MS);
}

/** Three rising pairs, louder than a call: an emergency. */
export async function alarm(): Promise<void> {
  for (const start of [0, 0.5, 1]) {
    tone(660, start, 0.2, 0.6);
    tone(990, start + 0.2, 0.22, 0.6);
  }
  await pause(ALARM_MS);
}

/** One soft click per touch. */
export function click(): void {
  tone(1200, 0, 0.03, 0.08);
}

const voices = shallowRef<readonly SpeechSynthesisVoice[]>([]);

function findVoices(): void {
  voices.value = speechSynthesis.getVoices().filter((one) => !/espeak/i.test(one.name));
}

if (typeof window !== 'undefined' && 'speechSynthesis' in window) {
  findVoices();
  speechSynthesis.addEventListener('voiceschanged', findVoices);
}

function voiceFor(wanted: Language): SpeechSynthesisVoice | null {
  return voices.value.find((one) => one.lang.split(/[-_]/)[0]?.toLowerCase() === wanted) ?? null;
}

/** The Chinese voice of this machine, or none. */
export const chineseVoice = computed(() => voiceFor('zh'));
/** The voice of this machine for the language of the page, or none. */
export const voice = computed(() => voiceFor(language.value));

/** Says a sentence and ends when it is said, cut off, or taking too long; without a voice at once. */
export function speak(text: string): Promise<void> {
  const speaker = voice.value;
  if (speaker === null) return Promise.resolve();
  return new Promise((resolve) => {
    const sentence = new SpeechSynthesisUtterance(text);
    const timer = setTimeout(() => {
      speechSynthesis.cancel();
      resolve();
    }, SPEECH_MS_MAX);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    sentence.voice = speaker;
    sentence.lang = speaker.lang;
    sentence.rate = 0.9;
    sentence.volume = volume;
    sentence.onend = done;
    sentence.onerror = done;
    speechSynthesis.speak(sentence);
  });
}

/** Stops speaking, for example at the next touch. */
export function hush(): void {
  playing?.stop();
  playing = null;
  if ('speechSynthesis' in window) speechSynthesis.cancel();
}

/** A number as it is said: `A 零 一 七`. */
export function spokenNumber(number: string): string {
  const digits = t('voice.digits');
  return Array.from(number, (sign) => (/\d/.test(sign) ? (digits[Number(sign)] ?? sign) : sign)).join(' ');
}
