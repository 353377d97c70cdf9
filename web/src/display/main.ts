// Starts the display surface.
import { createApp } from 'vue';
import '../shared/styles/components.css';
import App from './App.vue';

createApp(App).mount('#app');
