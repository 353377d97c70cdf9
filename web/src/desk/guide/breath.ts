// 一口清: what somebody must know of a matter, said at once and in this order, so that nobody comes twice. Made of the catalogue as
// it stands, for the answers that were given.
import type { Matter } from '../../shared/contract';
import { materialHint } from '../../shared/public-materials';
import type { Material } from '../../shared/public-types';

const countWords = (count: number) => (count > 1 ? `，要跑 ${count} 趟` : '');

function bringWords(materials: readonly Material[]): string {
  if (materials.length === 0) return '不用带材料';
  const names = materials.map((one) => (materialHint(one) ? `${one.name}（${materialHint(one)}）` : one.name));
  return `带 ${materials.length} 样：${names.join('、')}`;
}
function timeWords({ case_kind: kind, promised_days: days, visits, handled_in: place }: Matter): string {
  const when = kind === 'instant' ? '当场办好' : `${days} 个工作日办好`;
  return `${place === 'upstream' ? '在上级平台上办，我们帮您办，' : ''}${when}${countWords(visits)}`;
}
function resultWords({ result_name: name, courier }: Matter): string[] {
  if (!name) return [];
  return [`办好发${name}，${courier ? '来取或者寄给您' : '到出证窗口取'}`];
}

/** The sentences of a matter for what has to be brought. */
export function oneBreath(matter: Matter, materials: readonly Material[]): string {
  const fee = matter.fee?.standard ? `收费：${matter.fee.standard.replace(/[。；，]+$/, '')}` : '不收费';
  return `${[matter.name, bringWords(materials), timeWords(matter), fee, ...resultWords(matter)].join('。')}。`;
}
