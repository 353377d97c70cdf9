// Starts the portal surface.
import { createApp } from 'vue';
import { createRouter, createWebHistory } from 'vue-router';
import '../shared/styles/components.css';
import './portal.css';
import './booking/booking.css';
import '../shared/styles/mongolian.css';
import './mongolian.css';
import App from './App.vue';
import { chooseLanguage, loadWords } from '../shared/words';
import { keptLanguage } from './modes';
import AppointmentPage from './booking/AppointmentPage.vue';
import BookPage from './booking/BookPage.vue';
import GuidePage from './GuidePage.vue';
import HomePage from './HomePage.vue';
import LostPage from './LostPage.vue';
import PhonePage from './PhonePage.vue';
import TrackPage from './TrackPage.vue';
import VerifyPage from './VerifyPage.vue';

const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', component: HomePage },
    { path: '/guide/:matter', component: GuidePage, props: (route) => ({ matterId: String(route.params.matter) }) },
    // What most never open is loaded when it is opened.
    {
      path: '/guide/bundle/:bundle',
      component: () => import('./BundlePage.vue'),
      props: (route) => ({ bundleId: String(route.params.bundle) }),
    },
    { path: '/apply', component: () => import('./apply/MyApplicationsPage.vue') },
    {
      path: '/apply/:matter',
      component: () => import('./apply/ApplyPage.vue'),
      props: (route) => ({ matterId: String(route.params.matter) }),
    },
    {
      path: '/lists/:name?',
      component: () => import('./lists/ListsPage.vue'),
      props: (route) => ({ name: route.params.name || undefined }),
    },
    { path: '/progress', component: () => import('./ProgressPage.vue') },
    { path: '/book', component: BookPage },
    { path: '/book/:code', component: AppointmentPage, props: true },
    {
      path: '/q/:site',
      component: PhonePage,
      props: (route) => ({ siteId: String(route.params.site), code: typeof route.query.c === 'string' ? route.query.c : '' }),
    },
    { path: '/t/:code', component: TrackPage, props: true },
    { path: '/complain', component: () => import('./ComplainPage.vue') },
    { path: '/complain/find', component: () => import('./ComplaintAnswerPage.vue') },
    { path: '/verify/:code?', component: VerifyPage, props: true },
    { path: '/:rest(.*)*', component: LostPage },
  ],
  scrollBehavior: () => ({ top: 0 }),
});

// A page that is loaded when it is opened brings its words along.
router.beforeResolve(async () => void (await loadWords().catch(() => null)));
await chooseLanguage(keptLanguage());
createApp(App).use(router).mount('#app');
