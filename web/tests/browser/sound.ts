// What a page plays, captured to a WAV file as it leaves the page, and sound of the test's own making. Knows no page.
import { readFileSync, writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

const BITS = 16;
const HEAD_BYTES = 44;
const FULL = 32_767;

/** Samples of one channel, -1 to 1. */
export interface Sound {
  readonly rate: number;
  readonly samples: Float32Array;
}

interface Block {
  readonly at: number;
  readonly samples: Float32Array;
}

/** In the page, before anything else: the one AudioContext, and whatever it plays is kept, at the place in time where it
    is heard. `tapped` appears when it is ready. */
export function tapSound(): void {
  const context = new AudioContext();
  const speaker = context.destination;
  const bus = context.createGain();
  const kept = { rate: context.sampleRate, blocks: [] as Block[] };
  const processor = `registerProcessor('tap', class extends AudioWorkletProcessor {
    process([input]) {
      if (input.length > 0) this.port.postMessage({ at: currentFrame, samples: input[0].slice() });
      return true;
    }
  })`;
  const module = URL.createObjectURL(new Blob([processor], { type: 'text/javascript' }));
  void context.audioWorklet.addModule(module).then(() => {
    const tap = new AudioWorkletNode(context, 'tap', { numberOfOutputs: 0, channelCount: 1, channelCountMode: 'explicit' });
    tap.port.onmessage = ({ data }: MessageEvent<Block>) => kept.blocks.push(data);
    bus.connect(tap);
    bus.connect(speaker);
    Object.assign(window, { tapped: true });
  });
  Object.defineProperty(context, 'destination', { value: bus });
  const only = function (): AudioContext {
    return context;
  };
  Object.assign(window, { AudioContext: only, kept });
}

/** Writes what was heard so far to a file. */
export async function captured(page: Page, path: string): Promise<void> {
  const { rate, text } = await page.evaluate(async () => {
    const { kept } = window as unknown as { kept: { rate: number; blocks: Block[] } };
    const length = Math.max(0, ...kept.blocks.map((block) => block.at + block.samples.length));
    const all = new Int16Array(length);
    for (const { at, samples } of kept.blocks)
      samples.forEach((sample, index) => (all[at + index] = Math.round(Math.max(-1, Math.min(1, sample)) * 32_767)));
    const reader = new FileReader();
    const read = new Promise((resolve) => (reader.onload = resolve));
    reader.readAsDataURL(new Blob([all]));
    await read;
    return { rate: kept.rate, text: String(reader.result).split(',')[1] ?? '' };
  });
  writeFileSync(path, wavFile(rate, Buffer.from(text, 'base64')));
}

function wavFile(rate: number, data: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.write('RIFF', 0);
  head.writeUInt32LE(HEAD_BYTES - 8 + data.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE((rate * BITS) / 8, 28);
  head.writeUInt16LE(BITS / 8, 32);
  head.writeUInt16LE(BITS, 34);
  head.write('data', 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

/** A WAV file that these functions wrote. */
export function readWav(path: string): Sound {
  const file = readFileSync(path);
  const data = file.subarray(HEAD_BYTES);
  const samples = Float32Array.from({ length: data.length / 2 }, (_, at) => data.readInt16LE(at * 2) / FULL);
  return { rate: file.readUInt32LE(24), samples };
}

/** A tone of one pitch as a WAV file: a sentence that an ear of arithmetic knows again. */
export function toneFile(hertz: number, ms: number, rate = 24_000): Buffer {
  const data = Buffer.alloc(Math.round((rate * ms) / 1000) * 2);
  for (let at = 0; at < data.length / 2; at += 1)
    data.writeInt16LE(Math.round(Math.sin((2 * Math.PI * hertz * at) / rate) * 0.5 * FULL), at * 2);
  return wavFile(rate, data);
}

/** How loud one pitch is in a stretch: Goertzel's sum, 1 for a tone of full height. */
function loudness({ rate, samples }: Sound, from: number, length: number, hertz: number): number {
  const step = 2 * Math.cos((2 * Math.PI * hertz) / rate);
  let [before, last] = [0, 0];
  for (let at = from; at < from + length; at += 1) [before, last] = [last, (samples[at] ?? 0) + step * last - before];
  return (2 * Math.sqrt(Math.max(0, before * before + last * last - step * before * last))) / length;
}

export interface Heard {
  readonly hertz: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** When which of some pitches was heard, by its beginning; a gap shorter than two windows is none. */
export function heardTones(sound: Sound, pitches: readonly number[], windowMs = 20, loudMin = 0.1): readonly Heard[] {
  const length = Math.round((sound.rate * windowMs) / 1000);
  const heard = pitches.flatMap((hertz) => {
    const tones: Heard[] = [];
    for (let at = 0; (at + 1) * length <= sound.samples.length; at += 1) {
      if (loudness(sound, at * length, length, hertz) < loudMin) continue;
      const last = tones.at(-1);
      const goesOn = last !== undefined && at * windowMs - last.toMs <= 2 * windowMs;
      const fromMs = goesOn ? last.fromMs : at * windowMs;
      tones.splice(goesOn ? -1 : tones.length, 1, { hertz, fromMs, toMs: (at + 1) * windowMs });
    }
    return tones;
  });
  return heard.sort((one, other) => one.fromMs - other.fromMs);
}
