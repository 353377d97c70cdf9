// Starts the display surface: finds out where its state comes from, then shows it.
import { createApp } from 'vue';
import '../shared/styles/components.css';
import '../shared/styles/mongolian.css';
import './display.css';
import App from './App.vue';
import { startLayout } from './layout';
import { showSecond } from './second';
import { detectSource } from './source';

const layout = startLayout();
showSecond(layout.second);
const { watch, local } = await detectSource();
createApp(App, { source: watch, local, layout }).mount('#app');
