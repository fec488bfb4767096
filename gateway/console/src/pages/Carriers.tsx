// Carriers.tsx
import { PageFrame } from '../Shell';

export default function Carriers() {
  return <PageFrame title="Carriers"><p /></PageFrame>;
}
