// The field bag's page: receiving applications without a line.
import { createApp } from 'vue';
import '../shared/styles/components.css';
import './keeper.css';
import './bag.css';
import BagApp from './BagApp.vue';

createApp(BagApp).mount('#app');
