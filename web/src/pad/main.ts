// Starts the evaluation pad.
import { createApp } from 'vue';
import '../shared/styles/components.css';
import './pad.css';
import App from './App.vue';

createApp(App).mount('#app');
