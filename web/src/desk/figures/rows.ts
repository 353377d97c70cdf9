// Which figures of a hall can be looked at one by one, and as what the dialog of rows shows them.
import type { Figures, PlanFigureHead } from '../../shared/contract';

/** What `/figure-rows` serves of the hall's own figures, with its unit. */
const units: Readonly<Record<string, PlanFigureHead['unit']>> = {
  issued: 'count',
  waiting: 'seconds',
  serving: 'seconds',
  satisfaction: 'share',
};

export const hasRows = (key: string): boolean => key in units;

export function headOf(definitions: Figures['definitions'], key: string | undefined): PlanFigureHead | undefined {
  const definition = definitions.find((one) => one.key === key);
  const unit = units[key ?? ''];
  return definition && unit ? { key: definition.key, name: definition.name, text: definition.text, unit, better: 'neither' } : undefined;
}
