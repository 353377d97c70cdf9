// The reduced desk that the hall's keeper serves while the line to the server is cut.
import { createApp } from 'vue';
import '../shared/styles/components.css';
import './keeper.css';
import App from './App.vue';

createApp(App).mount('#app');
