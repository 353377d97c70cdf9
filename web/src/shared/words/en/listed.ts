// English: what the server writes into the public lists.
import type { Translated } from '../../words';
import type zh from '../zh/listed';

export default {
  'listed.all': 'All services of this hall',
  'listed.allText': 'Everything that can be done here, without going elsewhere',
  'listed.oneWindow': 'Services at any counter',
  'listed.oneWindowText': 'Every general counter accepts these; one number is enough',
  'listed.instant': 'Done while you wait',
  'listed.instantText': 'With all papers at hand, these are finished on the spot',
  'listed.assisted': 'Help on your behalf',
  'listed.assistedText': 'If you cannot come or manage, people at these places do it for you, free of charge',
  'listed.promises': 'Our promises',
  'listed.promisesText': 'How many working days each service takes: what we promise, and what the law allows',
  'listed.rules': 'Rules of our service',
  'listed.rulesText': 'We work by these rules; tell us when we do not',
  'listed.fees': 'Services with a fee',
  'listed.feesText': 'What costs a fee, how much, and on what basis; whatever is not here is free',
  'listed.first': 'The first one asked is responsible',
  'listed.firstText': 'Whoever you ask first sees it through: does it at once if possible, or takes you to the right person.',
  'listed.once': 'Told once and in full',
  'listed.onceText':
    'If papers are missing, the counter writes down all of them at once and adds none later. If you are not told at once or within five working days, your case counts as accepted on the day the papers came in.',
  'listed.limit': 'Done by a set day',
  'listed.limitText':
    'When your case is accepted you are told the day it will be done. Past the promised day the department gets a yellow card, past the legal day a red one.',
  'listed.tolerant': 'Accepted with papers to follow',
  'listed.tolerantText':
    'With the main papers complete, minor ones can follow. You write down by when; before the decision is soon enough.',
  'listed.ab': 'Two people for every post',
  'listed.abText': 'If one is away, the other stands in, so that you never come in vain because of somebody’s leave.',
  'listed.promise': 'A written promise instead of a proof',
  'listed.promiseText':
    'Some proofs are not needed: you promise in writing, we go ahead and check later. A false promise has consequences.',
  'listed.chief': 'Decided in the hall',
  'listed.chiefText': 'What comes into the hall is accepted and decided by people in the hall; no need to visit the departments.',
  'listed.helper': 'Help on your behalf',
  'listed.helperText':
    'Elderly and disabled people, and those without a smartphone, can ask guides and helpers; helpers in the villages can go for you.',
  'listed.rating': 'Rate our service',
  'listed.ratingText':
    'You can rate when it is done. A bad rating is always looked into, put right and answered; those who served you do not see who gave it.',
  'listed.distance': 'Done without a visit',
  'listed.distanceText': 'What can be applied for online: fill it in at home, come once it was checked, and show the originals once.',
} satisfies Translated<typeof zh>;
