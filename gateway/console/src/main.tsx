// main.tsx - where the console begins: sign in, or the shell, or the locked screen.
import { render } from 'preact';
import './vnodes';
import { Entry } from './Entry';
import { Locked } from './Lock';
import { locked } from './pin';
import { session } from './session';
import { Shell } from './Shell';

const App = () => (!session.value ? <Entry /> : locked.value ? <Locked /> : <Shell />);

render(<App />, document.getElementById('app')!);

if ('serviceWorker' in navigator && location.protocol !== 'file:')
  navigator.serviceWorker.register('/worker.js').catch(() => undefined); // without it, only a connection is needed
