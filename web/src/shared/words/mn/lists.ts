// Mongolian in the traditional script: public lists. Needs a reader's check before use.
import type { Translated } from '../../words';
import type zh from '../zh/lists';

export default {
  'lists.title': 'ᠨᠡᠶᠢᠲᠡ ᠮᠡᠳᠡᠭᠡᠯᠡᠯ',
  'lists.pageTitle': 'ᠨᠡᠶᠢᠲᠡ ᠮᠡᠳᠡᠭᠡᠯᠡᠯ · ᠨᠢᠭᠡ ᠴᠣᠩᠬᠣ',
  'lists.read': 'ᠨᠡᠶᠢᠲᠡ ᠮᠡᠳᠡᠭᠡᠯᠡᠯ᠄ {titles}',
  'lists.readOne': '{title}᠂ ᠪᠦᠭᠦᠳᠡ {n}',
  'lists.and': '᠂ ',
  'lists.names': '᠂ ',
  'lists.hall': 'ᠶᠠᠮᠠᠷ ᠲᠠᠩᠬᠢᠮ',
  'lists.none': 'ᠡᠨᠡ ᠵᠠᠭᠰᠠᠭᠠᠯᠲᠠ ᠦᠭᠡᠢ',
  'lists.others': 'ᠥᠭᠡᠷ᠎ᠡ ᠵᠠᠭᠰᠠᠭᠠᠯᠲᠠ',
  'lists.search': 'ᠵᠠᠭᠰᠠᠭᠠᠯᠲᠠ ᠠᠴᠠ ᠬᠠᠶᠢᠬᠤ',
  'lists.example': 'jf',
  'lists.print': 'ᠬᠡᠪᠯᠡᠬᠦ',
  'lists.count': 'ᠪᠦᠭᠦᠳᠡ {n}',
  'lists.notFound': '「{query}」 ᠣᠯᠳᠠᠰᠤᠩᠭᠦᠢ᠂ ᠴᠥᠭᠡᠨ ᠦᠰᠦᠭ ᠪᠢᠴᠢᠭᠡᠷᠡᠢ',
  'lists.noFees': 'ᠡᠨᠳᠡ ᠬᠤᠷᠠᠮᠵᠢ ᠠᠪᠬᠤ ᠦᠭᠡᠢ',
  'lists.empty': 'ᠡᠨᠡ ᠵᠠᠭᠰᠠᠭᠠᠯᠲᠠ ᠣᠳᠣ ᠬᠣᠭᠣᠰᠣᠨ',
  'lists.online': 'ᠰᠦᠯᠵᠢᠶᠡᠨ ᠦ ᠥᠷᠭᠥᠳᠡᠯ',
  'lists.areas': 'ᠲᠤᠰᠠᠯᠠᠬᠤ ᠭᠠᠵᠠᠷ᠄ ',
  'lists.basis': 'ᠦᠨᠳᠦᠰᠦ᠄ ',
  'lists.atOnce': 'ᠲᠡᠷᠡ ᠳᠠᠷᠤᠢ',
  'lists.days': '{n} ᠠᠵᠢᠯ ᠤᠨ ᠡᠳᠦᠷ',
  'lists.daysOpen': '— ᠠᠵᠢᠯ ᠤᠨ ᠡᠳᠦᠷ',
  'lists.legal': 'ᠬᠠᠤᠯᠢ ᠪᠠᠷ {days}',
  'lists.legalFaster': 'ᠬᠠᠤᠯᠢ ᠪᠠᠷ {days}᠂ {n}% ᠬᠤᠷᠳᠤᠨ',
  'lists.noLegal': 'ᠬᠠᠤᠯᠢ ᠳᠤ ᠬᠤᠭᠤᠴᠠᠭ᠎ᠠ ᠦᠭᠡᠢ',
  'lists.helpers': ' {n} ᠲᠤᠰᠠᠯᠠᠭᠴᠢ',
  'lists.more': '{n} ᠶᠢ ᠨᠡᠮᠡᠵᠦ ᠦᠵᠡᠬᠦ',
} satisfies Translated<typeof zh>;
