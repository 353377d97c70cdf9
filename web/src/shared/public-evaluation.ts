// The five levels of an evaluation with their faces, and the national reason codes per level.
// The short words are ours, the codes and their meaning are the standard's.
export type Level = 'very_satisfied' | 'satisfied' | 'basically_satisfied' | 'dissatisfied' | 'very_dissatisfied';

export interface Reason {
  readonly code: string;
  readonly text: string;
}

export interface LevelChoice {
  readonly level: Level;
  readonly text: string;
  /** Lines of the face in a 96 × 96 box: eyes, mouth. */
  readonly face: readonly [string, string];
  readonly question: string;
  readonly reasons: readonly Reason[];
}

/** At most so many reasons are taken. */
export const REASONS_MAX = 3;

function reasons(...pairs: readonly (readonly [string, string])[]): readonly Reason[] {
  return pairs.map(([code, text]) => ({ code, text }));
}

/** Best first, one colour and weight for all. */
export const LEVELS: readonly LevelChoice[] = [
  {
    level: 'very_satisfied',
    text: '非常满意',
    face: ['M30 40q5-7 10 0M56 40q5-7 10 0', 'M32 56q16 20 32 0z'],
    question: '哪里好？',
    reasons: reasons(
      ['510', '一个窗口一次办结'],
      ['511', '可以先受理后补材料'],
      ['512', '不用提交证明'],
      ['513', '可以全程网上办'],
      ['514', '可以用手机办'],
      ['515', '可以就近办'],
      ['516', '不要材料，直接办'],
      ['517', '服务热情，效率高'],
    ),
  },
  {
    level: 'satisfied',
    text: '满意',
    face: ['M35 37v5M61 37v5', 'M33 58q15 13 30 0'],
    question: '哪里好？',
    reasons: reasons(
      ['406', '填一张表就申报了'],
      ['407', '在线交材料，窗口核验'],
      ['408', '一张清单告诉我全部材料'],
      ['409', '告知承诺，少交材料'],
      ['410', '可以在线预约'],
      ['411', '跑大厅一次办完'],
      ['412', '可以用自助机办'],
      ['413', '服务态度较好'],
    ),
  },
  {
    level: 'basically_satisfied',
    text: '基本满意',
    face: ['M35 38v4M61 38v4', 'M34 62h28'],
    question: '是哪些方面？',
    reasons: reasons(
      ['307', '一次说清要补的材料'],
      ['308', '有材料样本'],
      ['309', '在承诺的时间内办结'],
      ['310', '办事指南指引准确'],
      ['311', '按指南带材料就能办'],
      ['312', '可以快递送达'],
      ['313', '跑的次数和承诺一致'],
      ['314', '服务态度一般'],
    ),
  },
  {
    level: 'dissatisfied',
    text: '不满意',
    face: ['M35 39v5M61 39v5', 'M34 66q14-12 28 0'],
    question: '哪里不好？',
    reasons: reasons(
      ['207', '没有材料样本'],
      ['208', '没有材料清单'],
      ['209', '没在承诺的时间内办结'],
      ['210', '同样的证明要了好几次'],
      ['211', '说能网办，实际办不了'],
      ['212', '预约了，到大厅还要重新排'],
      ['213', '窗口人员业务不熟练'],
      ['214', '服务态度生硬'],
    ),
  },
  {
    level: 'very_dissatisfied',
    text: '非常不满意',
    face: ['M29 34l10 5M67 34l-10 5M35 44v2M61 44v2', 'M33 69q15-19 30 0'],
    question: '哪里不好？',
    reasons: reasons(
      ['108', '指南之外又加了条件'],
      ['109', '要指南上没有的材料'],
      ['110', '超过法定时间，没说原因'],
      ['111', '指南上的样本有错'],
      ['112', '说在线收材料，实际收不了'],
      ['113', '跑了好几个窗口和部门'],
      ['114', '跑的次数比承诺的多'],
      ['115', '服务态度差，效率低'],
    ),
  },
];
