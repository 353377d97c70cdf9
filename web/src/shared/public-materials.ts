// What to say beside a material, and which materials a choice of situations asks for.
// Knows no page.
import type { Material } from './public-types';
import { t } from './words/common';

/** A hint in the words of a good clerk; empty when the name says it all. */
export function materialHint(material: Material): string {
  if (material.tolerable === true) return t('material.tolerable');
  if (!material.required) return t('material.optional');
  if (material.kind === 'form') return t('material.form');
  const n = material.copies ?? 0;
  if (n > 0) return material.keeping === 'collected' ? t('material.collected', { n }) : t('material.shownAndCollected', { n });
  if (material.keeping === 'verified') return t('material.shown');
  return '';
}

/** Materials that are always asked for and those of the situations chosen. */
export function materialsFor(materials: readonly Material[], situations: readonly string[]): readonly Material[] {
  return materials.filter(({ situation_ids: ids = [] }) => ids.length === 0 || ids.some((id) => situations.includes(id)));
}
