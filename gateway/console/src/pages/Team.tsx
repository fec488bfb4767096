// Team.tsx
import { PageFrame } from '../Shell';

export default function Team() {
  return <PageFrame title="Team"><p /></PageFrame>;
}
