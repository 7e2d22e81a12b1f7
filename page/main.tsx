/** The management page. It starts here. */
import './language.ts';
import 'uplot/dist/uPlot.min.css';
import './style/base.css';
import './style/controls.css';
import './style/forms.css';
import './style/frame.css';
import './style/tables.css';
import './style/touch.css';
import { render } from 'preact';
import { App } from './view/app.tsx';

const root = document.getElementById('page');
const endpoint = document.querySelector<HTMLMetaElement>('meta[name="store-endpoint"]')?.content;
if (root === null || endpoint === undefined) throw new Error('this is not the page that the chain serves');
root.replaceChildren();
render(<App endpoint={endpoint} />, root);
