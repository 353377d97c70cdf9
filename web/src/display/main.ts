// Starts the display surface: finds out where its state comes from, then shows it.
import { createApp } from 'vue';
import '../shared/styles/components.css';
import '../shared/styles/mongolian.css';
import './display.css';
import App from './App.vue';
import { loadSecond } from './second';
import { detectSource } from './source';

loadSecond();
const { watch, local } = await detectSource();
createApp(App, { source: watch, local }).mount('#app');
