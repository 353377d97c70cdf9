// Starts the kiosk surface: finds out who serves it, then shows it.
import { createApp } from 'vue';
import '../shared/styles/components.css';
import './kiosk.css';
import './find.css';
import './takeover.css';
import '../shared/styles/mongolian.css';
import './mongolian.css';
import './follow.css';
import './paper.css';
import App from './App.vue';
import { detectBackend } from './backend';
import { LocalBackend } from './backend-local';
import { loadWords } from '../shared/words';

const backend = await detectBackend();
createApp(App, { backend, paired: backend instanceof LocalBackend }).mount('#app');
// A kiosk that loses its server later still speaks every language.
for (const language of ['en', 'mn'] as const) void loadWords(language).catch(() => null);
