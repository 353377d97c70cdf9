// Starts the evaluation pad.
import { createApp } from 'vue';
import '../shared/styles/components.css';
import './pad.css';
import '../shared/styles/mongolian.css';
import './mongolian.css';
import App from './App.vue';
import { loadWords } from '../shared/words';

createApp(App).mount('#app');
// A pad that loses its server later still speaks every language.
for (const language of ['en', 'mn'] as const) void loadWords(language).catch(() => null);
