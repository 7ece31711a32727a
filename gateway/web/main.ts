/** Starts the page. */
import { mount } from 'svelte';
import './page/page.css';
import App from './page/App.svelte';
import { applyTheme, keptTheme } from './page/theme.ts';

applyTheme(keptTheme());
const target = document.getElementById('app');
if (target === null) throw new Error('index.html has no #app');
mount(App, { target });
