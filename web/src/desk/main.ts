// Starts the staff pages: sign-in, window desk, approver, pickup window, hall.
import { createApp } from 'vue';
import 'element-plus/theme-chalk/base.css';
import 'element-plus/theme-chalk/el-message.css';
import 'element-plus/theme-chalk/el-date-picker.css';
import 'element-plus/theme-chalk/el-date-picker-panel.css';
import 'element-plus/theme-chalk/el-input.css';
import 'element-plus/theme-chalk/el-popper.css';
import 'element-plus/theme-chalk/el-scrollbar.css';
import '../shared/styles/element-plus.css';
import '../shared/styles/components.css';
import './staff.css';
import App from './App.vue';
import { router } from './router';

document.documentElement.dataset.contrast = matchMedia('(prefers-contrast: more)').matches ? 'high' : '';
createApp(App).use(router).mount('#app');
