// English: public lists.
import type { Translated } from '../../words';
import type zh from '../zh/lists';

export default {
  'lists.title': 'Public lists',
  'lists.pageTitle': 'Public lists · Yichuang',
  'lists.read': 'Public lists: {titles}',
  'lists.readOne': '{title}, {n} in all',
  'lists.and': ', ',
  'lists.names': ', ',
  'lists.hall': 'Which hall',
  'lists.none': 'There is no such list',
  'lists.others': 'Other lists',
  'lists.search': 'Search in this list',
  'lists.example': 'Chinese, pinyin',
  'lists.print': 'Print',
  'lists.count': '{n} in all',
  'lists.notFound': 'Nothing found for “{query}”; try fewer letters',
  'lists.noFees': 'Nothing here costs a fee',
  'lists.empty': 'This list is empty now',
  'lists.online': 'online',
  'lists.areas': 'Help for: ',
  'lists.basis': 'Based on: ',
  'lists.atOnce': 'At once',
  'lists.days': { one: '{n} working day', other: '{n} working days' },
  'lists.daysOpen': '— working days',
  'lists.legal': 'by law {days}',
  'lists.legalFaster': 'by law {days}, {n}% faster',
  'lists.noLegal': 'the law sets no limit',
  'lists.helpers': { one: ', {n} helper', other: ', {n} helpers' },
  'lists.more': 'Show {n} more',
} satisfies Translated<typeof zh>;
