// Mongolian in the traditional script: forms made from a schema. Needs a reader's check before use.
import type { Translated } from '../../words';
import type zh from '../zh/form';

export default {
  'form.optional': ' (ᠪᠢᠴᠢᠬᠦ ᠦᠭᠡᠢ ᠪᠠᠷ ᠪᠣᠯᠣᠨ᠎ᠠ)',
  'form.several': ' (ᠬᠡᠳᠦ ᠶᠢ ᠰᠣᠩᠭᠣᠵᠤ ᠪᠣᠯᠣᠨ᠎ᠠ)',
  'form.severalOptional': ' (ᠬᠡᠳᠦ ᠶᠢ ᠰᠣᠩᠭᠣᠵᠤ ᠪᠣᠯᠣᠨ᠎ᠠ᠂ ᠰᠣᠩᠭᠣᠬᠤ ᠦᠭᠡᠢ ᠪᠠᠷ ᠪᠣᠯᠣᠨ᠎ᠠ)',
  'form.choose': 'ᠰᠣᠩᠭᠣᠭᠠᠷᠠᠢ',
  'form.chooseNone': 'ᠰᠣᠩᠭᠣᠬᠤ ᠦᠭᠡᠢ',
  'form.date': '2026-01-31 ᠮᠡᠲᠦ ᠪᠢᠴᠢᠭᠡᠷᠡᠢ',
  'form.email': 'name@example.cn ᠮᠡᠲᠦ ᠪᠢᠴᠢᠭᠡᠷᠡᠢ',
  'form.empty': '{title} ᠪᠢᠴᠢᠭᠡᠳᠦᠢ',
  'form.long': '{title} {max} ᠦᠰᠦᠭ ᠬᠦᠷᠲᠡᠯ᠎ᠡ᠂ ᠣᠳᠣ {n}',
  'form.short': '{title} {min} ᠦᠰᠦᠭ ᠡᠴᠡ ᠳᠣᠣᠭᠰᠢ ᠦᠭᠡᠢ',
  'form.number': '{title} ᠲᠣᠭ᠎ᠠ ᠪᠢᠴᠢᠭᠡᠷᠡᠢ',
  'form.whole': '{title} ᠪᠦᠬᠦᠯᠢ ᠲᠣᠭ᠎ᠠ ᠪᠢᠴᠢᠭᠡᠷᠡᠢ',
  'form.least': '{title} {least} ᠡᠴᠡ ᠪᠠᠭ᠎ᠠ ᠪᠠᠶᠢᠵᠤ ᠪᠣᠯᠬᠤ ᠦᠭᠡᠢ',
  'form.most': '{title} {most} ᠡᠴᠡ ᠶᠡᠬᠡ ᠪᠠᠶᠢᠵᠤ ᠪᠣᠯᠬᠤ ᠦᠭᠡᠢ',
  'form.one': '{title} ᠨᠢᠭᠡ ᠶᠢ ᠰᠣᠩᠭᠣᠭᠠᠷᠠᠢ',
  'form.some': '{title} {min}–{max} ᠶᠢ ᠰᠣᠩᠭᠣᠭᠠᠷᠠᠢ',
  'form.unanswered': 'ᠪᠢᠴᠢᠭᠡᠳᠦᠢ',
  'form.yes': 'ᠲᠡᠢᠮᠦ',
  'form.no': 'ᠦᠭᠡᠢ',
  'form.and': '᠂ ',
} satisfies Translated<typeof zh>;
