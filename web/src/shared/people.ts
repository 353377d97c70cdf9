// Who applies, in words: kinds of applicants and of documents. Knows no page.
import type { ApplicantKind, IdType } from './contract';

export const kindNames: Record<ApplicantKind, string> = {
  person: '个人',
  enterprise: '企业',
  institution: '事业单位',
  social_org: '社会组织',
  agency: '机关',
  other: '其他组织',
};

export const idTypeNames: Record<IdType, string> = {
  resident_id: '居民身份证',
  uscc: '统一社会信用代码',
  passport: '护照',
  hk_macao_permit: '港澳居民来往内地通行证',
  taiwan_permit: '台湾居民来往大陆通行证',
  foreign_pr: '外国人永久居留证',
  other: '其他证件',
};
