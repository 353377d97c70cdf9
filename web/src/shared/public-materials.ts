// What to say beside a material, and which materials a choice of situations asks for.
// Knows no page.
import type { Material } from './public-types';

/** A hint in the words of a good clerk; empty when the name says it all. */
export function materialHint(material: Material): string {
  if (material.tolerable === true) return '没带也先受理，办好前补上就行';
  if (!material.required) return '有就带上，没有也能办';
  if (material.kind === 'form') return '不会填，窗口帮您填';
  if ((material.copies ?? 0) > 0)
    return material.keeping === 'collected' ? `留 ${material.copies} 张复印件` : `看一下就还您，留 ${material.copies} 张复印件`;
  if (material.keeping === 'verified') return '看一下就还您';
  return '';
}

/** Materials that are always asked for and those of the situations chosen. */
export function materialsFor(materials: readonly Material[], situations: readonly string[]): readonly Material[] {
  return materials.filter(({ situation_ids: ids = [] }) => ids.length === 0 || ids.some((id) => situations.includes(id)));
}
