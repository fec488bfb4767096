// Templates.tsx
import { PageFrame } from '../Shell';

export default function Templates() {
  return <PageFrame title="Templates"><p /></PageFrame>;
}
