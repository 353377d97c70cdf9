// One application being taken at the window: what was typed, what was handed in, what is still to do.
// Lives in memory only; personal data never goes into the browser's storage.
import { computed, reactive, ref, watch } from 'vue';
import type {
  ApplicantKind,
  Attachment,
  BundleCase,
  BundleCaseInput,
  Case,
  CaseInput,
  IdType,
  MaterialSpec,
  Matter,
  SituationQuestion,
  SubmissionInput,
  SubmissionStatus,
} from '../../shared/contract';
import { Problem } from '../../shared/problem';
import { createScans, type Place } from '../files/scans';
import { asOne, formOfJoint, namesOf, ownAnswers, type Joint } from '../../shared/joint';
import { faultOf, fieldsOf, formOf, type Answers } from '../../shared/form-schema';
import { askedOf, countedOf } from '../../shared/situations';
import { checkIdNumber, checkName, checkPhone } from '../../shared/validation';

export { idTypeNames, kindNames } from '../../shared/people';

/** How a material counts now. */
export type Standing = 'in' | 'later' | 'lacking' | 'optional';

const emptyPerson = () => ({ name: '', id_type: 'resident_id' as IdType, id_number: '', phone: '' });

/** `ticketId` is empty where what was taken on paper is entered: nobody is at the window. */
export function createVisit(ticketId: string) {
  const matter = ref<Matter>();
  const applicant = reactive({ kind: 'person' as ApplicantKind, ...emptyPerson(), address: '', email: '' });
  const hasAgent = ref(false);
  const agent = reactive(emptyPerson());
  const situationIds = ref<string[]>([]);
  /** What was filled into the matter's own form. */
  const answers = reactive<Answers>({});
  const received = ref<string[]>([]);
  /** How many originals and copies were taken in, where it is not what the matter asks for. */
  const counts = reactive(new Map<string, { originals: number; copies: number }>());
  const left = ref<string[]>([]);
  const refusal = ref<Problem>();
  const record = ref<Case>();
  /** What it was taken with on paper, where it is entered afterwards. */
  const paper = ref<{ received_at: string; form_number: string; reason: string }>();
  /** Several matters taken as one, their joint case and its cases; `record` is the first of these. */
  const joint = ref<Joint>();
  const jointRecord = ref<BundleCase>();
  const records = ref<Case[]>([]);
  /** Begun at the window as a draft, so that what was handed in before can be looked at by consent. */
  const isDraft = computed(() => record.value?.state === 'draft' && !record.value.application);
  /** The cases of the visit: of several matters taken as one, all of them. */
  const cases = computed(() => (joint.value ? records.value : record.value ? [record.value] : []));
  /** Every name of a material in the visit's cases. */
  const namesIn = (id: string) => (joint.value ? namesOf(joint.value, id) : [id]);
  /** Where a material comes from that was handed in before. */
  const reuseOf = (id: string) =>
    cases.value
      .flatMap((one) => {
        const counts = (name: string) => one.materials.some((own) => own.material_id === name && own.status === 'reused');
        return (one.reuse?.materials ?? []).filter((known) => namesIn(id).includes(known.material_id) && counts(known.material_id));
      })
      .at(0);
  const reused = computed(() => (matter.value?.materials ?? []).map(({ id }) => id).filter((id) => reuseOf(id) !== undefined));
  /** What the form was filled in with from an earlier case. */
  const prefilled = reactive<Answers>({});
  // An answer that was on its way while a file was added does not know of it.
  const added = ref<Attachment[]>([]);
  const scans = createScans((attachment) => (added.value = [...added.value, attachment]));
  watch(
    () => record.value?.id,
    (id) => id && scans.begin((materialId) => placesOf(id, materialId)),
  );
  /** The cases that a file of a material goes to: of a shared one, each that asks for it. */
  function placesOf(id: string, materialId: string | undefined): Place[] {
    const asked = joint.value;
    if (!asked || !materialId) return [{ caseId: id, materialId }];
    const names = namesOf(asked, materialId);
    return records.value.flatMap((one) => {
      const own = one.materials.find(({ material_id: known }) => names.includes(known));
      return own ? [{ caseId: one.id, materialId: own.material_id }] : [];
    });
  }
  const attachments = computed<Attachment[]>(() => {
    const known = joint.value ? records.value.flatMap((one) => one.attachments) : (record.value?.attachments ?? []);
    return [...known, ...added.value.filter((one) => !known.some(({ id }) => id === one.id))];
  });
  /** The case as it is after a file was taken away. */
  function takeAway(id: string, after: Case): void {
    added.value = added.value.filter((one) => one.id !== id);
    if (joint.value) records.value = records.value.map((one) => (one.id === after.id ? after : one));
    else record.value = after;
  }

  watch(
    () => applicant.kind,
    (kind) => {
      applicant.id_type = kind === 'person' ? 'resident_id' : 'uscc';
    },
  );

  const questions = computed<SituationQuestion[]>(() => askedOf(matter.value?.situations ?? [], situationIds.value));
  const fields = computed(() => (joint.value ? formOfJoint(joint.value).map(({ field }) => field) : fieldsOf(matter.value?.form_schema)));
  const openQuestion = computed(() => questions.value.find(({ options }) => !options.some(({ id }) => situationIds.value.includes(id))));

  /** Whether only matters ask for it that a department is asked not to take. */
  const isForRefused = (id: string) => {
    const asking = cases.value.filter((one) => one.materials.some((own) => namesIn(id).includes(own.material_id)));
    return asking.length > 0 && asking.every(({ state }) => state === 'refusal_proposed');
  };
  const materials = computed<MaterialSpec[]>(() =>
    (matter.value?.materials ?? []).filter(
      ({ id, situation_ids: only }) =>
        (!only?.length || only.some((one) => situationIds.value.includes(one))) && !(joint.value && isForRefused(id)),
    ),
  );

  function standing(material: MaterialSpec): Standing {
    if (received.value.includes(material.id) || reused.value.includes(material.id)) return 'in';
    if (!material.required) return 'optional';
    return material.tolerable ? 'later' : 'lacking';
  }

  const lacking = computed(() => materials.value.filter((one) => standing(one) === 'lacking'));
  const later = computed(() => materials.value.filter((one) => standing(one) === 'later'));
  const inCount = computed(() => materials.value.filter((one) => standing(one) === 'in').length);

  /** What an online application brought along was checked when it was sent. */
  const checks = computed<Record<string, string | undefined>>(() => (!record.value ? typed() : isDraft.value ? typedForm() : {}));
  const typedForm = (): Record<string, string | undefined> =>
    Object.fromEntries(fields.value.map((field) => [`form.${field.name}`, faultOf(field, answers[field.name])]));
  const typed = (): Record<string, string | undefined> => ({
    'applicant.name': checkName(applicant.name),
    'applicant.id_number': checkIdNumber(applicant.id_type, applicant.id_number),
    'applicant.phone': checkPhone(applicant.phone),
    ...(hasAgent.value && {
      'agent.name': checkName(agent.name),
      'agent.id_number': checkIdNumber(agent.id_type, agent.id_number),
      'agent.phone': checkPhone(agent.phone),
    }),
    ...typedForm(),
  });

  const wrong = computed(() => Object.entries(checks.value).filter(([, message]) => message !== undefined));

  /** The message for a field, once it was left or the server spoke of it. */
  function messageOf(field: string): string | undefined {
    return left.value.includes(field) ? (checks.value[field] ?? refusal.value?.field(field)) : refusal.value?.field(field);
  }

  function leave(field: string): void {
    if (!left.value.includes(field)) left.value = [...left.value, field];
  }

  function leaveAll(): void {
    left.value = Object.keys(checks.value);
  }

  function pickMatter(chosen: Matter): void {
    matter.value = chosen;
    situationIds.value = [];
    for (const filled of [answers, prefilled]) Object.keys(filled).forEach((name) => delete filled[name]);
    received.value = [];
    counts.clear();
    refusal.value = undefined;
    joint.value = undefined;
    [...scans.all].forEach(scans.drop);
    const kinds = chosen.applicant_kinds;
    const [first] = kinds ?? [];
    if (first && !kinds?.includes(applicant.kind)) applicant.kind = first;
  }

  /** An online application whose applicant is here: its form is filled, the materials come now. */
  function takeOnline(chosen: Matter, taken: Case): void {
    pickMatter(chosen);
    situationIds.value = [...taken.situation_ids];
    record.value = taken;
  }

  /** Several matters as one. */
  function pickBundle(chosen: Joint): void {
    const one = asOne(chosen);
    if (!one) return;
    pickMatter(one);
    joint.value = chosen;
  }

  function pickSituation({ options, many }: SituationQuestion, id: string): void {
    const isChosen = situationIds.value.includes(id);
    const others = many ? [id] : options.map((option) => option.id);
    const kept = situationIds.value.filter((one) => !others.includes(one));
    // What was answered to a question that is no longer asked counts for nothing.
    situationIds.value = countedOf(matter.value?.situations ?? [], many && isChosen ? kept : [...kept, id]);
  }

  function toggle(material: MaterialSpec): void {
    received.value = received.value.includes(material.id)
      ? received.value.filter((id) => id !== material.id)
      : [...received.value, material.id];
  }

  const countOf = ({ id, originals = 0, copies = 0 }: MaterialSpec) => counts.get(id) ?? { originals, copies };
  function setCount(material: MaterialSpec, which: 'originals' | 'copies', count: number): void {
    counts.set(material.id, { ...countOf(material), [which]: Number.isInteger(count) && count >= 0 ? count : 0 });
  }

  const statusOf = (material: MaterialSpec, isTolerant: boolean): SubmissionStatus => {
    if (reused.value.includes(material.id) && !received.value.includes(material.id)) return 'reused';
    if (standing(material) === 'in') return material.keeping === 'verified' ? 'verified' : 'collected';
    return isTolerant && standing(material) === 'later' ? 'promised' : 'missing';
  };

  function submissions(isTolerant: boolean): SubmissionInput[] {
    return materials.value.map((material) => {
      const status = statusOf(material, isTolerant);
      const isIn = status === 'collected';
      return {
        material_id: material.id,
        status,
        ...(isIn && countOf(material)),
      };
    });
  }

  /** The checklist of one of the cases: what is shared is taken in with the first that asks for it. */
  function ownSubmissions(one: Case, isTolerant: boolean, taken: Set<string>): SubmissionInput[] {
    const whole = submissions(isTolerant);
    return one.materials.flatMap(({ material_id: own }) => {
      const known = whole.find(({ material_id: id }) => namesIn(id).includes(own));
      if (!known) return [];
      const isHere = known.status === 'collected' || known.status === 'verified';
      const isAgain = isHere && taken.has(known.material_id);
      if (isHere) taken.add(known.material_id);
      return isAgain ? { material_id: own, status: 'reused' as const } : { ...known, material_id: own };
    });
  }

  /** Of the filled form, what the matter of one of the cases asks. */
  function ownForm(one: Case): { form?: Record<string, never> } {
    const own = joint.value?.matters.find(({ id }) => id === one.matter_id);
    const asked = fieldsOf(own?.form_schema);
    if (!joint.value || !own || !asked.length) return {};
    return { form: formOf(asked, ownAnswers(joint.value, own, answers)) as Record<string, never> };
  }

  function bundleInput(siteId: string, isTolerant: boolean): BundleCaseInput {
    const rest: BundleCaseInput & { matter_id?: unknown } = { ...input(siteId, isTolerant), bundle_id: joint.value?.bundle.id ?? '' };
    delete rest.matter_id;
    return rest;
  }

  /** The filled form, where the matter has one. */
  function form(): { form?: Record<string, never> } {
    return fields.value.length > 0 ? { form: formOf(fields.value, answers) as Record<string, never> } : {};
  }

  function input(siteId: string, isTolerant: boolean): CaseInput {
    const clean = (text: string) => text.trim();
    return {
      site_id: siteId,
      matter_id: matter.value?.id ?? '',
      situation_ids: situationIds.value,
      ...(ticketId && { ticket_id: ticketId }),
      applicant: {
        kind: applicant.kind,
        name: clean(applicant.name),
        id_type: applicant.id_type,
        id_number: clean(applicant.id_number).toUpperCase(),
        phone: applicant.phone.replace(/[\s-]/g, ''),
        ...(clean(applicant.address) && { address: clean(applicant.address) }),
        ...(clean(applicant.email) && { email: clean(applicant.email) }),
      },
      ...(hasAgent.value && {
        agent: {
          ...agent,
          name: clean(agent.name),
          id_number: clean(agent.id_number).toUpperCase(),
          phone: agent.phone.replace(/[\s-]/g, ''),
        },
      }),
      ...form(),
      materials: submissions(isTolerant),
      ...(paper.value && { paper: paper.value }),
    };
  }

  const isBegun = computed(() => (Boolean(matter.value ?? applicant.name) && (!record.value || isDraft.value)) || scans.failed > 0);

  return reactive({
    ticketId,
    matter,
    applicant,
    hasAgent,
    agent,
    situationIds,
    answers,
    fields,
    left,
    received,
    refusal,
    record,
    paper,
    joint,
    jointRecord,
    records,
    scans,
    attachments,
    questions,
    openQuestion,
    materials,
    lacking,
    later,
    inCount,
    checks,
    wrong,
    isBegun,
    standing,
    messageOf,
    leave,
    leaveAll,
    pickMatter,
    takeOnline,
    pickBundle,
    pickSituation,
    toggle,
    countOf,
    setCount,
    submissions,
    isDraft,
    reuseOf,
    prefilled,
    form,
    input,
    bundleInput,
    cases,
    namesIn,
    ownSubmissions,
    ownForm,
    takeAway,
  });
}

export type Visit = ReturnType<typeof createVisit>;
