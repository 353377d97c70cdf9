// Mongolian in the traditional script: verify. Needs a reader's check before use.
import type { Translated } from '../../words';
import type zh from '../zh/verify';

export default {
  'verify.title': 'ᠪᠢᠴᠢᠭ ᠱᠠᠯᠭᠠᠬᠤ',
  'verify.hello': 'ᠪᠢᠴᠢᠭ ᠱᠠᠯᠭᠠᠬᠤ',
  'verify.none': 'ᠡᠨᠡ ᠪᠢᠴᠢᠭ ᠦᠭᠡᠢ᠃ ᠺᠣᠳ᠋ ᠢᠶᠠᠨ ᠱᠠᠯᠭᠠᠭᠠᠷᠠᠢ᠃',
  'verify.often': '15 ᠮᠢᠨᠦ᠋ᠲ᠋ ᠤᠨ ᠳᠠᠷᠠᠭ᠎ᠠ ᠢᠷᠡᠭᠡᠷᠡᠢ᠃',
  'verify.offline': 'ᠬᠣᠯᠪᠣᠭᠳᠠᠬᠤ ᠦᠭᠡᠢ᠂ ᠳᠠᠷᠠᠭ᠎ᠠ ᠲᠤᠷᠰᠢᠭᠠᠷᠠᠢ᠃',
  'verify.ask': 'ᠺᠣᠳ᠋ ᠪᠢᠴᠢᠭᠡᠷᠡᠢ',
  'verify.code': 'ᠪᠢᠴᠢᠭ ᠦᠨ ᠳᠣᠣᠷᠠᠬᠢ ᠺᠣᠳ᠋',
  'verify.check': 'ᠱᠠᠯᠭᠠᠬᠤ',
  'verify.revoked': 'ᠡᠨᠡ ᠪᠢᠴᠢᠭ ᠬᠦᠴᠦᠨ ᠦᠭᠡᠢ ᠪᠣᠯᠪᠠ',
  'verify.genuine': 'ᠦᠨᠡᠨ',
  'verify.document': 'ᠪᠢᠴᠢᠭ',
  'verify.matter': 'ᠬᠡᠷᠡᠭ',
  'verify.applicant': 'ᠥᠷᠭᠥᠭᠴᠢ',
  'verify.number': 'ᠬᠡᠷᠡᠭ ᠦᠨ ᠨᠣᠮᠧᠷ',
  'verify.date': 'ᠡᠳᠦᠷ',
  'verify.hall': 'ᠲᠠᠩᠬᠢᠮ',
  'verify.department': 'ᠰᠠᠯᠪᠤᠷᠢ',
  'verify.compare': 'ᠭᠠᠷ ᠳᠠᠬᠢ ᠲᠠᠢ ᠬᠠᠷᠢᠴᠠᠭᠤᠯᠤᠭᠠᠷᠠᠢ᠃',
} satisfies Translated<typeof zh>;
