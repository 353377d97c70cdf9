// Refusals of the server as problem documents (RFC 9457), in words for the person at the screen.
// A code without its own sentence falls back to the server's detail, then to the status.

export interface FieldError {
  field: string;
  code: string;
  message: string;
}

export interface ProblemDocument {
  type?: string;
  title?: string;
  status: number;
  code: string;
  detail?: string;
  trace_id?: string;
  errors?: FieldError[];
  [extra: string]: unknown;
}

const sentences: Record<string, string> = {
  unreachable: '没连上，您填的都还在。再点一次，不会办重。',
  window_busy: '这个窗口还有一位没办完，先办完或转走再叫',
  window_closed: '窗口没开，先打开窗口',
  ticket_state: '这个号刚被别处动过，已换成最新的样子',
  case_state: '这件刚被别处动过，已换成最新的样子',
  already_waiting: '他在这条队里已经有一个号',
  no_window: '现在没有窗口办这一项，请引导到导办台',
  hall_closed: '大厅现在不开门',
  contingent_used: '今天的号发完了',
  site_detached: '大厅和中心断开着，号由大厅自己管。等几秒再试',
  upload_pending: '电子证照还没上传完，暂时不能发。传好会自动提示',
  idempotency_mismatch: '同一次提交的内容变了，请再点一次',
  evaluation_state: '这条刚被别人办过，已换成最新的样子',
  complaint_state: '这件刚被别人办过，已换成最新的样子',
  conflict: '刚才有人先改了，看一眼最新的再点',
  cross_origin: '这个地址不是本系统的页面',
  calendar_not_loaded: '那一年的节假日安排还没录入',
  invalid_credentials: '账号或密码不对',
  locked: '试错太多次，请过一会儿再登录',
};

const byStatus: Record<number, string> = {
  401: '登录过期了，请重新登录',
  403: '这一步不归您的岗位办。要办请找本厅负责人',
  404: '没找到，可能已经转走或不在本厅',
  409: '这一步现在做不了，看一眼最新状态',
  413: '文件太大，传不上去',
  422: '有几处要改',
  429: '点得太快了，等几秒再试',
  503: '服务暂时停着，您填的都还在。等几秒再试',
};

/** Whether a text may be shown to a reader of Chinese as it is. */
function isChinese(text: string | undefined): text is string {
  return text !== undefined && /[\u4e00-\u9fff]/.test(text);
}

export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  /** Short number to report; an operator finds the case by it. */
  readonly traceId: string | undefined;
  readonly fields: FieldError[];
  readonly document: ProblemDocument;

  constructor(document: ProblemDocument) {
    const own = sentences[document.code];
    const detail = isChinese(document.detail) ? document.detail : undefined;
    const title = isChinese(document.title) ? document.title : undefined;
    super(own ?? detail ?? title ?? byStatus[document.status] ?? '没存上，您填的都还在');
    this.name = 'Problem';
    this.document = document;
    this.status = document.status;
    this.code = document.code;
    this.traceId = document.trace_id;
    this.fields = document.errors ?? [];
  }

  /** Message for one field, named as the API names it (`applicant.id_number`). */
  field(name: string): string | undefined {
    return this.fields.find((error) => error.field === name || error.field === `/${name.replaceAll('.', '/')}`)?.message;
  }
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem({ status: 0, code: 'unreachable' });
}

/** Makes a problem of whatever an unsuccessful answer carried. */
export function problemOf(body: unknown, status: number): Problem {
  if (typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string') {
    return new Problem({ ...(body as ProblemDocument), status });
  }
  return new Problem({ status, code: status >= 500 || status === 0 ? 'unreachable' : `status_${status}` });
}
