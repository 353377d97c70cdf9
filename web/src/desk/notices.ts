// Messages to people as staff read them: by which way, what they say, how they stand; and what a person says of one that
// only a person can bring.
import { take } from '../shared/client';
import type { Notification } from '../shared/contract';
import type { Mark } from '../shared/badges';
import { api } from './session';

export const noticeChannels: Record<string, string> = {
  site: '查询页',
  sms: '短信',
  email: '邮件',
  wechat: '微信',
  webhook: '消息平台',
  phone: '电话',
  courier: '快递',
};
export const noticeTemplates: Record<string, string> = {
  ready_for_pickup: '可以来领',
  pickup_reminder: '提醒来领',
  correction_reminder: '提醒补正',
  term_extended: '延长期限',
  joint_term_extended: '延长期限',
  promise_extended: '补交新期限',
  application_supplement: '申请要补',
  application_ready: '预审通过',
};

/** Nobody but a person can bring it: a call, a parcel. */
export const isForPerson = (error: string | null | undefined) => error === 'by_person' || error === 'unreached';

export function noticeMark({ state, last_error: error, attempts }: Notification): Mark {
  if (state === 'sent') return { tone: 'ok', icon: 'check', word: '告诉了' };
  if (state === 'pending') return { tone: 'x', icon: 'clock', word: '等着发' };
  if (state === 'given_up') return { tone: 'x', icon: 'x', word: '不发了' };
  if (error === 'unreached') return { tone: 'w', icon: 'alert', word: `没联系上${attempts > 2 ? ` ${attempts - 1} 次` : ''}` };
  return isForPerson(error) ? { tone: 'w', icon: 'bell', word: '等人办' } : { tone: 'd', icon: 'alert', word: '没发出去' };
}

export type NoticeVerdict = 'retry' | 'give-up' | 'told' | 'unreached';

export function judgeNotice(id: string, verdict: NoticeVerdict): Promise<Notification> {
  const params = { params: { path: { notification: id } } };
  switch (verdict) {
    case 'retry':
      return take(api.POST('/api/v1/notifications/{notification}/retry', params));
    case 'give-up':
      return take(api.POST('/api/v1/notifications/{notification}/give-up', params));
    case 'told':
      return take(api.POST('/api/v1/notifications/{notification}/told', params));
    case 'unreached':
      return take(api.POST('/api/v1/notifications/{notification}/unreached', params));
  }
}
