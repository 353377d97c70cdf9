// Addresses of the staff pages. Without a session every one leads to /sign-in and back.
import { createRouter, createWebHistory } from 'vue-router';
import { asProblem } from '../shared/problem';
import { unopened } from './opening';
import { sayProblem } from './say';
import { loadSession, session } from './session';

export const router = createRouter({
  history: createWebHistory('/'),
  routes: [
    { path: '/sign-in', component: () => import('./pages/SignIn.vue'), meta: { title: '登录', open: true } },
    { path: '/desk', component: () => import('./pages/Desk.vue'), meta: { title: '窗口' } },
    { path: '/approve', component: () => import('./pages/Approve.vue'), meta: { title: '审批' } },
    { path: '/pickup', component: () => import('./pages/Pickup.vue'), meta: { title: '出证窗口' } },
    { path: '/guide-desk', component: () => import('./pages/GuideDesk.vue'), meta: { title: '导办台' } },
    { path: '/hall', component: () => import('./pages/Hall.vue'), meta: { title: '大厅实况' } },
    { path: '/it', component: () => import('./pages/It.vue'), meta: { title: '运维' } },
    { path: '/admin', component: () => import('./pages/Admin.vue'), meta: { title: '管理' } },
    { path: '/helper', component: () => import('./pages/Helper.vue'), meta: { title: '帮办' } },
    { path: '/password', component: () => import('./pages/Password.vue'), meta: { title: '改密码' } },
    { path: '/demo', component: () => import('./pages/Demo.vue'), meta: { title: '组件和账号', open: true } },
    { path: '/figures', component: () => import('./pages/Figures.vue'), meta: { title: '统计' } },
    { path: '/evaluations', component: () => import('./pages/Evaluations.vue'), meta: { title: '差评与投诉' } },
    { path: '/my-evaluations', component: () => import('./pages/MyEvaluations.vue'), meta: { title: '我的评价' } },
    { path: '/district', component: () => import('./pages/District.vue'), meta: { title: '全区' } },
    { path: '/people', component: () => import('./pages/People.vue'), meta: { title: '人员' } },
    { path: '/:rest(.*)*', redirect: '/desk' },
  ],
});

router.beforeEach(async (to) => {
  if (to.meta.open) return true;
  if (!session.staff) await loadSession();
  if (session.staff?.must_change_password && to.path !== '/password') return { path: '/password', query: { to: to.fullPath } };
  return session.staff ? true : { path: '/sign-in', query: { to: to.fullPath } };
});

// Nobody answered who one is, or the page's own program did not come: the first page says so in its place and comes
// by itself; from another page one stays there.
router.onError((error, to) => {
  if (router.currentRoute.value.matched.length) sayProblem(error);
  else unopened.value = { problem: asProblem(error), to: to.fullPath };
});

router.afterEach((to, _from, failure) => {
  if (failure) return;
  unopened.value = undefined;
  document.title = `${String(to.meta.title)} · 一窗`;
});
