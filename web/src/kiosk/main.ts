// Starts the kiosk surface: finds out who serves it, then shows it.
import { createApp } from 'vue';
import '../shared/styles/components.css';
import './kiosk.css';
import './find.css';
import App from './App.vue';
import { detectBackend } from './backend';
import { LocalBackend } from './backend-local';

const backend = await detectBackend();
createApp(App, { backend, paired: backend instanceof LocalBackend }).mount('#app');
