// Settings.tsx
import { PageFrame } from '../Shell';

export default function Settings() {
  return <PageFrame title="Settings"><p /></PageFrame>;
}
