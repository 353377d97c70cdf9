// Two soft tones for what must not be overlooked. Made by the browser itself: no file, no network.
let context: AudioContext | undefined;

/** Sounds once; silent where the browser allows no sound yet. */
export function chime(): void {
  try {
    context ??= new AudioContext();
    void context.resume();
    const { currentTime: now, destination } = context;
    [880, 660].forEach((pitch, index) => {
      const [tone, volume] = [context!.createOscillator(), context!.createGain()];
      const from = now + index * 0.28;
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.0001, from);
      volume.gain.exponentialRampToValueAtTime(0.25, from + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, from + 0.26);
      tone.connect(volume).connect(destination);
      tone.start(from);
      tone.stop(from + 0.27);
    });
  } catch {
    // The flag on the page says the same.
  }
}
